import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { deviceMac } from "../description.ts";
import { run } from "../exec.ts";
import { diffKernelStates } from "../kernel-state.ts";
import { scenario } from "../scenario.ts";
import { startLanServer } from "../stand-in.ts";
import { packetsOf } from "../switch-counters.ts";
import { createLab, type Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";

const mac = deviceMac(1);

/** An identity made by hand: a macvlan with the device's MAC. */
async function addIdentity(lab: Lab, ifname = "id1", address = mac): Promise<void> {
  const { namespace } = lab.gateway;
  await namespace.sysctl({ "net.ipv6.conf.default.disable_ipv6": 1 });
  await namespace.ip([
    `link add ${ifname} link eth0 address ${address} type macvlan mode private`,
    `link set ${ifname} up`,
  ]);
}

/** Asks for a lease and sets it; gives undefined when no server answered. */
async function lease(lab: Lab, ifname = "id1"): Promise<string | undefined> {
  const script = new URL("../programs/udhcpc.sh", import.meta.url).pathname;
  const argv = ["busybox", "udhcpc", "-f", "-q", "-n", "-i", ifname, "-s", script, "-t", "3", "-T", "1"];
  const { stdout } = await lab.gateway.namespace.run(argv, { mayFail: true });
  return /event=bound ip=(\S+)/.exec(stdout)?.[1];
}

for (const dhcp of ["dnsmasq", "kea", "dhcpd"] as const) {
  scenario(
    `${dhcp} leases to a registered identity, the guard learns the lease`,
    { wan: { dhcp, registered: [mac], dhcpOptions: { t1Seconds: 60, t2Seconds: 90 } } },
    async (lab) => {
      await addIdentity(lab);
      const ip = await lease(lab);
      expect(ip).toMatch(/^198\.51\.100\.1\d\d$/);
      const leases = await waitFor("the server's lease file has it", async () => {
        const all = (await lab.wan.dhcp?.leases()) ?? [];
        return all.length > 0 && all;
      });
      expect(leases).toMatchObject([{ mac, ip }]);
      const left = (leases[0]?.expires ?? 0) - Date.now() / 1000;
      expect(left).toBeGreaterThan(560);
      expect(left).toBeLessThan(605);
      await lab.gateway.namespace.run(["ping", "-c", "2", "-i", "0.2", "-W", "1", lab.wan.internet.ip]);
      const page = await lab.gateway.namespace.run(["curl", "-sS", `http://${lab.wan.internet.ip}/hello`]);
      expect(JSON.parse(page.stdout)).toMatchObject({ server: "internet", client: ip, path: "/hello" });
      expect(lab.wan.internet.services.requests()).toContainEqual(
        expect.objectContaining({ kind: "web", from: ip, path: "/hello" }),
      );
      expect(await lab.wan.routerArp()).toContainEqual(expect.objectContaining({ ip, mac }));
      const counters = await lab.wan.firewall.counters();
      expect(packetsOf(counters.seen, mac)).toBeGreaterThan(5);
      expect(packetsOf(counters.dhcp, mac)).toBeGreaterThanOrEqual(2);
      expect(counters.guarded.size).toBe(0);
      expect(counters.unregistered.size).toBe(0);
    },
  );

  scenario(
    `${dhcp} refuses a lease of a pool that moved, and forgets on request`,
    { wan: { dhcp, registered: [mac] } },
    async (lab) => {
      await addIdentity(lab);
      const ip = await lease(lab);
      expect(ip).toBeDefined();
      await lab.wan.dhcp?.restart({ poolStart: "198.51.100.210", poolEnd: "198.51.100.220" });
      const script = new URL("../programs/udhcpc.sh", import.meta.url).pathname;
      const argv = ["busybox", "udhcpc", "-f", "-q", "-n", "-i", "id1", "-s", script, "-r", ip ?? ""];
      const { stdout } = await lab.gateway.namespace.run(argv, { mayFail: true });
      expect(/event=bound ip=(\S+)/.exec(stdout)?.[1]).toMatch(/^198\.51\.100\.2[12]\d$/);
      await lab.wan.dhcp?.restart({}, { forgetLeases: true });
      expect(await lab.wan.dhcp?.leases()).toEqual([]);
    },
  );
}

scenario("an unregistered MAC is dropped and counted, and works once registered", {}, async (lab) => {
  await addIdentity(lab);
  expect(await lease(lab)).toBeUndefined();
  const before = await lab.wan.firewall.counters();
  expect(packetsOf(before.unregistered, mac)).toBeGreaterThanOrEqual(3);
  expect(lab.wan.dhcp?.log().some((line) => line.includes("DHCPDISCOVER"))).toBe(false);
  await lab.wan.firewall.register(mac);
  expect(await lease(lab)).toBeDefined();
  await lab.wan.firewall.unregister(mac);
  expect(await lease(lab)).toBeUndefined();
});

scenario(
  "source guard drops and counts addresses that are not the MAC's own",
  { wan: { registered: [mac] } },
  async (lab) => {
    await addIdentity(lab);
    const ip = await lease(lab);
    const { namespace } = lab.gateway;
    await namespace.ip(["addr add 198.51.100.77/24 dev id1"]);
    const ping = async (from: string): Promise<number> => {
      // The entry under resolution keeps asking in the name of the source before.
      await namespace.ip(["neigh flush dev id1"]);
      const argv = ["ping", "-c", "1", "-W", "1", "-I", from, lab.wan.routerIp];
      return (await namespace.run(argv, { mayFail: true })).code;
    };
    expect(await ping("198.51.100.77")).not.toBe(0);
    expect(await ping(ip ?? "")).toBe(0);
    const { guarded, guardedSources } = await lab.wan.firewall.counters();
    expect(packetsOf(guarded, mac)).toBeGreaterThanOrEqual(1);
    expect(guardedSources).toMatchObject([{ mac, ip: "198.51.100.77" }]);
    await lab.wan.firewall.permit(mac, "198.51.100.77");
    expect(await ping("198.51.100.77")).toBe(0);
    await lab.wan.firewall.resetCounters();
    expect((await lab.wan.firewall.counters()).seen.size).toBe(0);
    await namespace.ip(["addr add 198.51.100.78/24 dev id1"]);
    await lab.wan.firewall.setRules({ sourceGuard: false });
    expect(await ping("198.51.100.78")).toBe(0);
    expect((await lab.wan.firewall.counters()).guarded.size).toBe(0);
  },
  { guardDrops: "allowed" },
);

scenario(
  "source guard forgets a lease that was released",
  { wan: { registered: [mac] } },
  async (lab) => {
    await addIdentity(lab);
    const script = new URL("../programs/udhcpc.sh", import.meta.url).pathname;
    const client = lab.gateway.namespace.start(["busybox", "udhcpc", "-f", "-R", "-i", "id1", "-s", script]);
    const bound = await waitFor("a lease", () => client.lines.find((line) => line.startsWith("event=bound")));
    const ip = /ip=(\S+)/.exec(bound)?.[1] ?? "";
    await client.stop("SIGTERM");
    await waitFor("the server saw the release", () =>
      lab.wan.dhcp?.log().some((l) => l.includes("DHCPRELEASE")),
    );
    await lab.gateway.namespace.ip([`addr replace ${ip}/24 dev id1`]);
    const argv = ["ping", "-c", "1", "-W", "1", lab.wan.routerIp];
    expect((await lab.gateway.namespace.run(argv, { mayFail: true })).code).not.toBe(0);
    expect(packetsOf((await lab.wan.firewall.counters()).guarded, mac)).toBeGreaterThanOrEqual(1);
  },
  { guardDrops: "allowed" },
);

scenario("captures count the frames of one MAC", { wan: { registered: [mac] } }, async (lab) => {
  await addIdentity(lab);
  await lease(lab);
  const wan = lab.captures.get("wan");
  if (wan === undefined) throw new Error("no capture");
  await wan.stop();
  expect(await wan.count(["ether", "src", mac, "and", "udp", "port", "67"])).toBe(2);
  expect(await wan.count(["ether", "src", deviceMac(9)])).toBe(0);
  // The gateway's own MAC has sent nothing: no IPv6, no address.
  expect(await wan.count(["ether", "src", "00:00:5e:00:53:f0"])).toBe(0);
});

scenario("a device host talks over TCP, UDP and ICMP, and downloads", {}, async (lab) => {
  const services = { web: [80], banner: [23], udpEcho: [7] };
  const one = await lab.addDevice({ name: "one", mac, address: { ip: "192.168.1.50/24" }, services });
  const two = await lab.addDevice({ name: "two", mac: deviceMac(2), address: { ip: "192.168.1.51/24" } });
  expect(JSON.parse(await two.fetch("http://192.168.1.50/x"))).toMatchObject({
    server: "one",
    client: "192.168.1.51",
  });
  expect(await two.ping("192.168.1.50", 3)).toBe(true);
  expect(await two.ping("192.168.1.59")).toBe(false);
  expect(await two.udp("192.168.1.50", 7, "hello", 3)).toEqual(["hello", "hello", "hello"]);
  expect(await two.udp("192.168.1.50", 8, "hello")).toEqual([]);
  expect(await two.talk("192.168.1.50", 23, "hi")).toEqual(["one ready", "hi"]);
  const download = two.download("http://192.168.1.50/slow?bytes=30000&rate=30000");
  await waitFor("the first octets", () => download.received() > 0 && download.running);
  expect(await download.finished).toEqual({ code: 0, bytes: 30_000 });
  const cut = two.download("http://192.168.1.50/slow?bytes=30000&rate=10000");
  await waitFor("the first octets", () => cut.received() > 0);
  await one.services?.stop();
  expect((await cut.finished).code).toBe(18);
});

scenario("the gateway's cable moves to another network", { wan: { registered: [mac] } }, async (lab) => {
  const b = await lab.addWan({ name: "b", subnet: "192.0.2.0/24", dhcp: "kea", registered: [mac] });
  await addIdentity(lab);
  expect(await lease(lab)).toMatch(/^198\.51\.100\./);
  await lab.moveCable(lab.wan, b);
  expect(await lease(lab)).toMatch(/^192\.0\.2\./);
});

scenario("a device host leases on the LAN with its name", {}, async (lab) => {
  const server = await startLanServer(lab);
  const one = await lab.addDevice({ name: "one", mac, address: "dhcp", hostName: "printer-1" });
  const ip = await one.waitForIp();
  expect(ip).toMatch(/^192\.168\.1\./);
  expect(await one.ping("192.168.1.1")).toBe(true);
  expect(server.log().some((line) => line.includes("printer-1"))).toBe(true);
  await one.stopDhcp();
  await waitFor("the lease is given back", async () => (await server.leases()).length === 0);
});

scenario("a host on the WAN holds an address of the pool", { wan: { registered: [mac] } }, async (lab) => {
  const holder = await lab.wan.addHost({ name: "holder", ip: "198.51.100.150" });
  const [client] = lab.wan.clients;
  const page = await client?.namespace.run(["curl", "-sS", `http://${holder.ip}/`]);
  expect(JSON.parse(page?.stdout ?? "")).toMatchObject({ server: "holder", client: client?.ip });
  // Its probe for the address is answered (RFC 5227): exit code 1 of arping -D.
  await addIdentity(lab);
  const probe = ["arping", "-D", "-q", "-c", "2", "-w", "2", "-I", "id1", holder.ip];
  expect((await lab.gateway.namespace.run(probe, { mayFail: true })).code).toBe(1);
});

scenario(
  "faults in the switch drop what they match until cleared",
  { wan: { registered: [mac] } },
  async (lab) => {
    await addIdentity(lab);
    await lab.wan.firewall.addFault('iifname "router" udp dport 68');
    expect(await lease(lab)).toBeUndefined();
    expect(lab.wan.dhcp?.log().some((line) => line.includes("DHCPOFFER"))).toBe(true);
    await lab.wan.firewall.clearFaults();
    expect(await lease(lab)).toBeDefined();
  },
);

scenario("the kernel's state is equal after all is undone, and the difference is named", {}, async (lab) => {
  const { namespace } = lab.gateway;
  const before = await lab.gateway.kernelState();
  await namespace.ip([
    "link add id1 link eth0 type macvlan mode private",
    "rule add pref 5000 from 198.51.100.9 lookup 77",
    "route add unreachable 198.51.100.9 table 77",
  ]);
  await namespace.nft("table inet mine { }\n");
  const sleeper = namespace.start(["sleep", "1000"]);
  // What `ip netns exec` starts takes its time to become `sleep`.
  const during = await waitFor("the process is there", async () => {
    const lines = diffKernelStates(before, await lab.gateway.kernelState());
    return lines.includes("+ processes: sleep 1000") && lines;
  });
  const parts = new Set(during.map((line) => line.split(":")[0]).filter((part) => part?.startsWith("+")));
  expect([...parts].sort()).toEqual([
    ...["+ addresses", "+ links", "+ nftables", "+ processes", "+ routes", "+ rules", "+ sysctls"],
  ]);
  await sleeper.stop("SIGKILL");
  await namespace.nft("delete table inet mine\n");
  await namespace.ip(["link del id1", "rule del pref 5000", "route flush table 77"]);
  expect(diffKernelStates(before, await lab.gateway.kernelState()).join("\n")).toBe("");
});

test("a lab that is removed leaves nothing", async () => {
  const processes = async (): Promise<readonly string[]> =>
    (await run(["ps", "-e", "-o", "comm="])).stdout
      .split("\n")
      .filter((name) => /dnsmasq|kea|tcpdump|node/.test(name));
  const before = { processes: await processes(), files: await readdir("/run/lab") };
  const lab = await createLab();
  await lab.capture("wan", "wan");
  await lab.addDevice({ name: "one", mac, address: "dhcp", services: { web: [80] } });
  expect((await processes()).length).toBeGreaterThan(before.processes.length);
  await lab.dispose();
  expect(await readdir("/run/netns")).toEqual([]);
  expect(await readdir("/run/lab")).toEqual(before.files);
  await waitFor("all processes are gone", async () => `${await processes()}` === `${before.processes}`, {
    explain: async () => `before: ${before.processes}; now: ${await processes()}`,
  });
});
