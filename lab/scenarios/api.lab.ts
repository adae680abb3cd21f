/** The HTTP API through its port: every endpoint, who may change something, and what is refused. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { deviceMac, type LabDescription } from "../description.ts";
import type { Namespace } from "../netns.ts";
import { scenario } from "../scenario.ts";
import {
  type ApiAnswer,
  type ApiRequest,
  apiConfig,
  ask,
  askAll,
  askJson,
  bearer,
  lanAddress,
  socketOf,
} from "../suites/api.ts";
import { generatedClient } from "../suites/generated-client.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { addServingDevice, automatic, openPorts, waitForAddresses } from "../suites/reach.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";

const network: LabDescription = { wan: { ipv6: {}, registered: registered(1, 2), clients: ["dual"] } };

interface DeviceJson {
  readonly mac_address: string;
  readonly ipv4_wan_address: string | null;
  readonly status: string;
}

scenario("every endpoint answers, and changes need the token or the Unix socket", network, async (lab) => {
  await startGateway(lab, { ...quick6, api: { enabled: true, device_metrics: true } });
  const camera = await addServingDevice(lab, 1, { web: [80] });
  const { addresses4, addresses6 } = await waitForAddresses(lab, camera, { four: 1, six: 1 });
  const lanIp = await camera.waitForIp();
  const from = camera.namespace;

  const health = await askJson<Record<string, unknown>>(from, { path: "/health" });
  expect(health).toMatchObject({
    status: "ok",
    running: true,
    device_stats: { total: 1, active: 1 },
    interfaces: { eth0: { name: "eth0", up: true }, eth1: { name: "eth1", up: true } },
    problems: [],
  });
  const status = await askJson<{ devices: Record<string, DeviceJson> }>(from, { path: "/status" });
  expect(status).toMatchObject({ running: true, device_count: 1, active_devices: 1, eth0_up: true });
  expect(status.devices[camera.mac]?.ipv4_wan_address).toBe(addresses4[0]);
  expect(await askJson(from, { path: "/devices?status=failed" })).toEqual({ total: 0, devices: [] });
  const list = await askJson<{ devices: DeviceJson[] }>(from, { path: "/devices?status=active" });
  expect(list.devices).toMatchObject([
    { mac_address: camera.mac, ipv4_address: lanIp, ipv6_address: addresses6[0], hostname: "host-1" },
  ]);
  const detail = await askJson<{
    timeline: { kind: string; family: string | null }[];
    counters: { sent_packets: number };
    proxy_check: string | null;
    forwards: { port: number; open: boolean | null; addresses: string[] }[];
  }>(from, { path: `/devices/${camera.mac.toUpperCase()}` });
  expect(detail).toMatchObject({
    interface: `gw${camera.mac.replaceAll(":", "")}`,
    lease4: { address: addresses4[0] },
  });
  expect(detail.timeline[0]?.kind).toBe("seen");
  expect(["up", "unknown"]).toContain(detail.proxy_check);
  const web = { port: 8080, target: 80, protocol: "tcp", automatic: true };
  await lab.gateway.waitFor("the open port of the device is told", async () => {
    const { forwards } = await askJson<typeof detail>(from, { path: `/devices/${camera.mac}` });
    return forwards.some(({ port, open }) => port === 8080 && open === true);
  });
  expect(detail.forwards).toContainEqual(
    expect.objectContaining({ ...web, addresses: [...addresses4, ...addresses6] }),
  );
  expect(detail.forwards.map(({ port }) => port)).toEqual(automatic);
  const kinds = detail.timeline.map(({ kind, family }) => `${kind} ${family}`);
  for (const kind of ["requesting ipv4", "obtained ipv4", "configured ipv4", "configured ipv6"])
    expect(kinds).toContain(kind);
  expect(detail.counters.sent_packets).toBeGreaterThan(0);

  const metrics = (await ask(from, { path: "/metrics" })).body ?? "";
  for (const line of [
    'gateway_devices{status="active"} 1',
    'gateway_port_up{port="eth0",side="wan"} 1',
    'gateway_dhcp_events_total{family="ipv4",event="obtained"} 1',
    'gateway_onboarding_seconds_count{family="ipv4"} 1',
    'gateway_onboarding_seconds_count{family="ipv6"} 1',
    "gateway_reconcile_errors_total 0",
    `gateway_device_packets_total{mac="${camera.mac}",direction="sent"} `,
    'gateway_dhcp_messages_total{family="ipv4",direction="sent",type="discover"} 1',
    'gateway_dhcp_messages_total{family="ipv4",direction="received",type="ack"} 1',
    'gateway_onboarding_phase_seconds_count{family="ipv4",phase="obtained"} 1',
    'gateway_proxy_up{backend="haproxy"} 1',
    'gateway_dhcp_window_exchanges{family="ipv4"} ',
    'gateway_problem{kind="port-limit"} 0',
    "gateway_conntrack_limit ",
  ])
    expect(metrics).toContain(line);
  expect(metrics).toContain("nodejs_eventloop_lag_p99_seconds");

  const openapi = await askJson<{ paths: Record<string, Record<string, unknown>> }>(from, {
    path: "/openapi.json",
  });
  const described = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const { endpoints } = await askJson<{ endpoints: Record<string, string> }>(from, { path: "/" });
  expect([...described, "GET /openapi.json"].sort()).toEqual(["GET /", ...Object.keys(endpoints)].sort());
  const client = await generatedClient(openapi, lab.directory);
  const { stdout: listed } = await from.run([process.execPath, client, `http://${lanAddress}:5050`]);
  expect(listed).toBe(`${camera.mac} ${addresses4[0]}\n`);

  const forward = { port: 9000, address: lanIp, target: 80 };
  const changes: readonly ApiRequest[] = [
    { method: "POST", path: "/port-forwards", body: forward },
    { method: "DELETE", path: "/port-forwards?port=9000" },
    { method: "PUT", path: "/ipv6-forwards", body: { address: lanIp, inbound: "all" } },
    { method: "POST", path: `/devices/${camera.mac}/retry` },
    { method: "DELETE", path: `/devices/${camera.mac}` },
    { method: "POST", path: "/admin/export" },
    { method: "POST", path: "/admin/clear-cache", body: { confirm: true } },
    { method: "PUT", path: "/log-levels", body: { area: "dhcp4", level: "debug" } },
  ];
  const wrong = { Authorization: "Bearer wrong-token-wrong-token" };
  const refused = await askAll(from, [...changes, ...changes.map((c) => ({ ...c, headers: wrong }))]);
  expect(refused.map((answer) => answer.status)).toEqual(Array(changes.length * 2).fill(401));
  expect(await askJson(from, { path: "/port-forwards" })).toEqual({ total: 0, forwards: [] });
  expect((await stat(join(lab.gateway.directory, "state", "api-token"))).mode & 0o777).toBe(0o600);
  expect((await stat(socketOf(lab))).mode & 0o777).toBe(0o600);

  const headers = await bearer(lab);
  const add = { method: "POST", path: "/port-forwards", headers };
  expect((await ask(from, { ...add, body: forward })).status).toBe(201);
  expect((await ask(from, { ...add, body: forward })).status).toBe(200);
  const taken = await ask(from, { ...add, body: { ...forward, target: 81 } });
  expect([taken.status, taken.body]).toEqual([
    409,
    JSON.stringify({ error: `TCP port 9000 is taken by the forward to ${lanIp}:80; remove it first` }),
  ]);
  const own = await ask(from, { ...add, body: { ...forward, port: 5050 } });
  expect([own.status, own.body?.includes("the gateway's API")]).toEqual([409, true]);
  for (const body of [{ ...forward, port: 0 }, { ...forward, address: "x" }, { ...forward, more: 1 }, 7])
    expect((await ask(from, { ...add, body })).status).toBe(400);
  await lab.gateway.waitFor("the forward is in force", async () => {
    const { total } = await askJson<{ total: number }>(from, { path: "/port-forwards" });
    return total === 1;
  });
  const socket = { socketPath: socketOf(lab) };
  expect((await ask(from, { ...socket, method: "DELETE", path: "/port-forwards?port=9000" })).status).toBe(
    200,
  );
  expect((await ask(from, { ...socket, method: "DELETE", path: "/port-forwards?port=9000" })).status).toBe(
    404,
  );

  await opensAsAWhole(lab, from, headers, camera.mac, lanIp);
  const before = lab.gateway.output.length;
  expect((await ask(from, { method: "POST", path: `/devices/${camera.mac}/retry`, headers })).status).toBe(
    200,
  );
  await lab.gateway.waitForOutput(/DHCPv4 (requested|renewed|obtained) for/, { from: before });
  expect((await ask(from, { path: "/devices/02:00:00:00:00:99" })).status).toBe(404);
  expect((await ask(from, { path: "/devices/nonsense" })).status).toBe(400);
  expect((await ask(from, { path: "/devices?status=lost" })).status).toBe(400);
  expect((await ask(from, { path: "/nothing" })).status).toBe(404);
  const exported = { method: "POST", path: "/admin/export", headers };
  expect(await askJson(from, exported)).toMatchObject({ device_count: 1 });
  const unsure = { method: "POST", path: "/admin/clear-cache", headers, body: { confirm: false } };
  expect((await ask(from, unsure)).status).toBe(400);
  const forget = await ask(from, { method: "DELETE", path: `/devices/${camera.mac}`, headers });
  expect(forget.status).toBe(200);
  // The file that other waits look at tells it a second later.
  const active = async (): Promise<number> =>
    (await askJson<{ total: number }>(from, { path: "/devices?status=active" })).total;
  await lab.gateway.waitFor("the device is back", async () => (await active()) === 1);
  const cleared = { method: "POST", path: "/admin/clear-cache", headers, body: { confirm: true } };
  expect(await askJson(from, cleared)).toMatchObject({ cleared_devices: 1 });
  await lab.gateway.waitFor("the device is back once more", async () => (await active()) === 1);
  const level = { method: "PUT", path: "/log-levels", headers, body: { area: "dhcp4", level: "debug" } };
  expect(await askJson(from, level)).toMatchObject({ areas: { dhcp4: "debug" } });
  expect(await askJson(from, { path: "/log-levels" })).toMatchObject({ areas: { dhcp4: "debug" } });
  expect((await ask(from, { ...level, body: { area: "dhcp4", level: "loud" } })).status).toBe(400);
});

scenario("a listener hears of devices that come and go", network, async (lab) => {
  await startGateway(lab, { ...quick6, ...apiConfig });
  const first = await addServingDevice(lab, 1, { web: [80] });
  await waitForAddresses(lab, first, { four: 1, six: 1 });
  const listen = (until: string) => ask(first.namespace, { path: "/events", readMs: 90_000, until });
  const told = (event: string) => `event: ${event}\ndata: {"mac_address":"${deviceMac(2)}"`;
  const comes = listen(`${told("device")}[^\n]*"status":"active"`);
  const hears = listen(told("device-removed"));
  const second = await addServingDevice(lab, 2, { web: [80] });
  await comes;
  await ask(first.namespace, {
    method: "DELETE",
    path: `/devices/${second.mac}`,
    headers: await bearer(lab),
  });
  const { body = "", headers } = await hears;
  expect(headers?.["content-type"]).toContain("text/event-stream");
  const events = body.split("\n\n").map((text) => ({
    event: /^event: (.*)$/m.exec(text)?.[1],
    data: JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? "null") as DeviceJson | null,
  }));
  expect(events[0]?.event).toBe("hello");
  const ofSecond = events.filter(({ data }) => data?.mac_address === second.mac);
  expect(ofSecond.some(({ event, data }) => event === "device" && data?.status === "active")).toBe(true);
  expect(ofSecond.some(({ event }) => event === "device-removed")).toBe(true);
});

scenario(
  "whoever is no friend is refused or bounded, and the devices do not notice",
  network,
  async (lab) => {
    await startGateway(lab, { ...quick6, ...apiConfig });
    const camera = await addServingDevice(lab, 1, { web: [80] });
    const { addresses4, addresses6 } = await waitForAddresses(lab, camera, { four: 1, six: 1 });
    const from = camera.namespace;
    const headers = await bearer(lab);
    const statusOf = async (request: ApiRequest): Promise<unknown> => (await ask(from, request)).status;

    const foreign = { Host: "evil.example:5050" };
    expect(await statusOf({ path: "/devices", headers: foreign })).toBe(403);
    const page = { ...headers, Origin: "http://evil.example" };
    expect(await statusOf({ path: "/devices", headers: page })).toBe(403);
    expect(await statusOf({ path: "/admin/export", method: "POST", headers: page })).toBe(403);
    const sameOrigin = { ...headers, Origin: `http://${lanAddress}:5050` };
    expect(await statusOf({ path: "/admin/export", method: "POST", headers: sameOrigin })).toBe(200);
    for (const path of ["/../../etc/passwd", "/devices/..%2f..%2fetc%2fpasswd", "/%00", "//etc/passwd"])
      expect([400, 404]).toContain(await statusOf({ path }));

    const flood = await ask(from, {
      method: "POST",
      path: "/port-forwards",
      headers: { ...headers, "Content-Type": "application/json" },
      megabytes: 10_240,
    });
    expect(flood.status ?? 413).toBe(413);
    expect(flood.sent ?? 0).toBeLessThan(500 * 1024 * 1024);
    const heads = await askAll(from, Array(60).fill({ path: "/events", method: "HEAD" }));
    expect(heads.map(({ status }) => status)).toEqual(Array(60).fill(200));
    const listeners = await askAll(from, Array(10_000).fill({ path: "/events", readMs: 3_000 }), true);
    const heard = listeners.filter(({ status }) => status === 200).length;
    expect(heard).toBeGreaterThan(0);
    expect(heard).toBeLessThanOrEqual(10);
    await slowLoris(from);
    await lab.gateway.waitFor("a good request is answered", async () => {
      return (await ask(from, { path: "/health" })).status === 200;
    });

    const tries = await askAll(
      from,
      Array(15).fill({ path: "/admin/export", method: "POST", headers: { Authorization: "Bearer x" } }),
    );
    expect(tries.map(({ status }) => status)).toContain(429);
    const [client] = lab.wan.clients as [WanHost];
    expect(await openPorts(client, [...addresses4, ...addresses6], "5050")).toEqual([]);
    expect(lab.gateway.running).toBe(true);
    await waitForAddresses(lab, camera, { four: 1, six: 1 });
  },
);

/** Two hundred connections that send a header every second and never an end: each is ended. */
/** Opens the device as a whole, and closes it again. */
async function opensAsAWhole(
  lab: Lab,
  from: Namespace,
  headers: Readonly<Record<string, string>>,
  mac: string,
  address: string,
): Promise<void> {
  const put = (body: unknown): Promise<ApiAnswer> =>
    ask(from, { method: "PUT", path: "/ipv6-forwards", headers, body });
  const networks = ["198.51.100.0/24", "2001:db8:a::/64"];
  const open = await put({ address, inbound: "all", from: networks });
  expect([open.status, JSON.parse(open.body ?? "")]).toMatchObject([
    200,
    { from: networks, mac_address: mac },
  ]);
  const inForce = (of: unknown): Promise<unknown> =>
    lab.gateway.waitFor("the choice is in force", async () => {
      const { inbound, inbound_from } = await askJson<Record<string, unknown>>(from, {
        path: `/devices/${mac}`,
      });
      return JSON.stringify([inbound, inbound_from]) === JSON.stringify(of);
    });
  await inForce(["all", networks]);
  expect(await askJson(from, { path: "/ipv6-forwards" })).toMatchObject({
    default: "ports",
    total: 1,
    devices: [{ address, inbound: "all", from: networks, mac_address: mac }],
  });
  const impossible = [
    { address, inbound: "all", from: ["2001:db8::1/32"] },
    { address, inbound: "some" },
    { address, inbound: "ports", from: networks },
  ];
  for (const body of impossible) expect((await put(body)).status).toBe(400);
  expect((await put({ address: "192.0.2.1", inbound: "all" })).status).toBe(409);
  expect((await put({ address, inbound: "ports" })).status).toBe(200);
  await inForce(["ports", []]);
}

async function slowLoris(from: { run(argv: readonly string[]): Promise<{ stdout: string }> }): Promise<void> {
  const program = `
    const { connect } = require("node:net");
    let open = 0, ended = 0;
    for (let i = 0; i < 200; i++) {
      const s = connect(5050, "${lanAddress}");
      s.on("connect", () => { open++; s.write("GET / HTTP/1.1\\r\\n"); });
      const t = setInterval(() => s.write("X-A: b\\r\\n"), 1000);
      s.on("error", () => {});
      s.on("close", () => { clearInterval(t); if (++ended === 200) { console.log("all ended"); process.exit(0); } });
    }
    setTimeout(() => { console.log("open " + (200 - ended)); process.exit(0); }, 40000);
  `;
  const { stdout } = await from.run([process.execPath, "-e", program]);
  expect(stdout.trim()).toBe("all ended");
}
