/** IPv4 where the network has only IPv6: from devices to a host that has only IPv4, and from an IPv6-only host to a device as a whole. */
import type { Device } from "../devices.ts";
import type { GatewayDevice } from "../gateway.ts";
import { connect } from "../netns.ts";
import { bracketed } from "../suites/reach.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";
import { createQuickNamespace, finishHost, type WanHost } from "../wan-host.ts";
import { addresses6Of } from "./networks.ts";
import { columns, good, say } from "./screen.ts";

const old = { ip: "192.0.2.1", router: "192.0.2.254" } as const;
/** Octets that each device downloads. */
const octets = 3_000_000;

/** A host beyond the router that has no IPv6 at all. */
export async function addIpv4OnlyHost({ wan: { router }, others }: Lab): Promise<WanHost> {
  const namespace = await createQuickNamespace("old");
  others.push(namespace);
  await connect({ namespace, ifname: "eth0" }, { namespace: router, ifname: "old" });
  await router.ip([`addr add ${old.router}/24 dev old`]);
  await namespace.ip([`addr add ${old.ip}/24 dev eth0`, `route add default via ${old.router}`]);
  return finishHost("old", namespace, { ip: old.ip, ip6: "" });
}

/** Errors: the first device whose IPv4 does not get there, or that the network knows under another address than its own. */
export async function proveTranslated(
  lab: Lab,
  rows: readonly GatewayDevice[],
  host: WanHost,
): Promise<void> {
  const head = ["DEVICE", "GOT", "PING", "UDP", "HOST SAW", "ROUTER SAW"];
  const proved = await Promise.all(rows.map((row) => translated(lab, row, host)));
  process.stdout.write(columns([head, ...proved]));
  say(`  e.g. curl http://${host.ip}/bytes?n=${octets} on dev-${proved[0]?.[0]}`);
  good(`IPv4 of ${proved.length} devices reaches a host that has no IPv6: 464XLAT, NAT64`);
}

async function translated(lab: Lab, told: GatewayDevice, host: WanHost): Promise<readonly string[]> {
  const device = deviceOf(lab, told);
  const path = `/hello-from-${device.name}`;
  const url = `http://${host.ip}`;
  await device.fetch(`${url}${path}`);
  const [{ bytes }, ping, udp] = await Promise.all([
    device.download(`${url}/bytes?n=${octets}`).finished,
    device.ping(host.ip, 3),
    device.udp(host.ip, 7, `datagram of ${device.name}`, 3),
  ]);
  const from = host.services.requests().findLast((r) => r.path === path)?.from ?? "nothing";
  const [own = "nothing"] = addresses6Of(told);
  const there = (await lab.wan.routerNeighbours6()).find(({ ip }) => ip === own)?.mac ?? "nobody";
  const row = [device.name, `${bytes / 1e6} MB`, ping ? "3 of 3" : "lost", `${udp.length} of 3`, from, own];
  if (bytes !== octets || !ping || udp.length !== 3 || there !== told.mac_address)
    throw new Error(`${device.name} should reach ${host.ip}, but: ${row.join(", ")} (${there})`);
  return row;
}

/** Opens one device as an operator does, and asks it what no list of ports has. Errors: what is not answered; another device that is. */
export async function proveOpen(lab: Lab, rows: readonly GatewayDevice[]): Promise<void> {
  const [client] = lab.wan.clients;
  const [open, closed] = ["camera", "printer"].map((name) => placeOf(lab, rows, name));
  if (!client || !open || !closed) throw new Error("the network has no client, or no devices");
  const lanIp = await open.device.waitForIp();
  const { stdout } = await lab.gateway.command(["ipv6-forward", "enable", lanIp]);
  say(`  gateway ipv6-forward enable ${lanIp}`);
  for (const line of stdout.trimEnd().split("\n")) say(`    ${line}`);
  await waitFor(`${open.device.name} answers a ping`, () => client.ping(open.ip), { everyMs: 250 });
  const answers = await Promise.all([open, closed].map((place) => ask(client, place)));
  process.stdout.write(columns([["DEVICE", "ADDRESS", "PING", "UDP PORT 7 ANSWERS"], ...answers]));
  const [first, second] = answers;
  if (first?.[2] !== "3 of 3" || first[3] !== textFor(open) || second?.[2] !== "-" || second[3] !== "-")
    throw new Error(`only ${open.device.name} should answer, but: ${answers.join("; ")}`);
  say(`  e.g. ping ${open.ip} on ${client.namespace.name}`);
  good(`an IPv6-only host reaches ${open.device.name}, which has only IPv4;`);
  good(`${closed.device.name}, which nobody opened, stays closed`);
}

interface Place {
  readonly device: Device;
  readonly ip: string;
}

const deviceOf = (lab: Lab, { mac_address }: GatewayDevice): Device =>
  [...lab.devices.values()].find(({ mac }) => mac === mac_address) as Device;

function placeOf(lab: Lab, rows: readonly GatewayDevice[], name: string): Place | undefined {
  const row = rows.find((told) => deviceOf(lab, told).name === name);
  const [ip] = row ? addresses6Of(row) : [];
  return row && ip ? { device: deviceOf(lab, row), ip } : undefined;
}

const textFor = ({ device }: Place): string => `datagram to ${device.name}`;

async function ask(client: WanHost, place: Place): Promise<readonly string[]> {
  const to = `UDP6:${bracketed(place.ip)}:7`;
  const [ping, echo] = await Promise.all([
    client.ping(place.ip, 3),
    client.namespace.run(["timeout", "3", "socat", "-t", "1", "-", to], {
      input: textFor(place),
      mayFail: true,
    }),
  ]);
  return [place.device.name, place.ip, ping ? "3 of 3" : "-", echo.stdout || "-"];
}
