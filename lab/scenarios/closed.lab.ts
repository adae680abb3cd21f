/** Devices are apart from each other and from the gateway, whatever addresses a packet names. */
import { expect } from "vitest";
import { standardMacs } from "../description.ts";
import type { Device } from "../devices.ts";
import { type ScanOptions, scan } from "../scan.ts";
import { scenario } from "../scenario.ts";
import { startServices } from "../services.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6, slaacAddress } from "../suites/network6.ts";
import {
  anyOf,
  probesTo,
  tcpPorts,
  udpForward,
  unreachable,
  type Way,
  whatCameOf,
  whatCameOfDevice,
} from "../suites/probing.ts";
import {
  addServingDevice,
  pageAt,
  type ReachedDevice,
  waitForAddresses,
  waitForPage,
} from "../suites/reach.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";

const wan = { ipv6: {}, registered: registered(1, 2), clients: ["dual"] as const };
const linkLocal = (mac: string): string => slaacAddress("fe80::/64", mac);
/** As some systems give their LAN by themselves (RFC 4193). */
const ula = (host: string): string => `fd00:1::${host}`;

/** Programs of the machine's own that listen on all addresses. The LAN's DHCP and DNS must be up: they have their ports first. */
const startHostPrograms = (lab: Lab) =>
  startServices(lab.gateway.namespace, "the-gateway-host", {
    web: [22, 80, 5050, 9999],
    udpEcho: udpPorts.filter((port) => port !== 53 && port !== 67),
  });
const udpPorts = [53, 67, 68, 69, 123, 137, 161, 500, 514, 546, 547, 1900, 4500, 5353, 5683];

async function twoDevices(lab: Lab): Promise<readonly [ReachedDevice, ReachedDevice]> {
  const devices = [1, 2].map((n) => addServingDevice(lab, n, { web: [80], banner: [23], udpEcho: [7] }));
  const [one, two] = await Promise.all(devices);
  const reached = (device: Device) => waitForAddresses(lab, device, { four: 1, six: 1 });
  return [await reached(one as Device), await reached(two as Device)];
}

/** IPv6 on the LAN, as an operator might have it beside the gateway. */
async function giveLanIpv6(lab: Lab, device: Device): Promise<void> {
  for (const [namespace, ifname, host] of [
    [lab.gateway.namespace, "eth1", "1"],
    [device.namespace, "eth0", "2"],
  ] as const) {
    await namespace.sysctl({ [`net/ipv6/conf/${ifname}/disable_ipv6`]: 0 });
    await namespace.ip([`addr add ${ula(host)}/64 dev ${ifname} nodad`]);
  }
  await device.namespace.ip([`route add default via ${ula("1")} dev eth0`]);
}

/** Whoever answered, if only to refuse, as `address/port state`. */
async function answers(from: Device | WanHost, addresses: readonly string[], options: ScanOptions) {
  const found = await scan(from.namespace, addresses, options);
  return found.map(({ address, port, state }) => `${address}/${port} ${state}`);
}

scenario(
  "a device reaches no device by its WAN addresses, and of the gateway what an administrator has there",
  { wan },
  async (lab) => {
    await startGateway(lab, quick6);
    const [one, two] = await twoDevices(lab);
    await startHostPrograms(lab);
    await giveLanIpv6(lab, one.device);
    const wanAddresses4 = [...one.addresses4, ...two.addresses4];
    const wanAddresses6 = [...one.addresses6, ...two.addresses6];
    const tcp = { ports: "21-23,53,80,443,2222,2323,5050,8080,8404,9999,61440-61460" };
    const udp = { ports: udpPorts.join(), protocol: "udp" } as const;
    for (const addresses of [wanAddresses4, wanAddresses6])
      for (const options of [tcp, udp]) expect(await answers(one.device, addresses, options)).toEqual([]);
    for (const ip of [...wanAddresses4, ...wanAddresses6])
      expect([ip, await one.device.ping(ip)]).toEqual([ip, false]);
    const told = lab.captures.get("wan");
    for (const ip of [...wanAddresses4, ...wanAddresses6])
      expect(await told?.lines(["host", ip, "and", "port", "9999"])).toEqual([]);

    const [gateway = ""] = lab.gateway.lanAddress.split("/");
    const open = async (ip: string, options: ScanOptions) =>
      (await answers(one.device, [ip], options)).filter((text) => text.endsWith(" open"));
    expect(await open(gateway, { patient: true })).toEqual(
      [22, 53, 80, 5050, 8404, 9999].map((port) => `${gateway}/${port} open`),
    );
    expect(await one.device.fetch(`http://${gateway}:22/`)).toContain("the-gateway-host");
    for (const ip of [ula("1"), linkLocal(standardMacs.gatewayLan)])
      expect(await open(ip, { ifname: "eth0", patient: true })).toEqual(
        [22, 53, 80, 5050, 9999].map((port) => `${ip}/${port} open`),
      );
  },
);

const lanSources6 = (to: string): readonly Way[] => ["1", "2", "99"].map((host) => [ula(host), to]);

/** Packets that lie about their source, or that mean somebody else than the MAC they are sent to. */
async function lies(client: WanHost, one: ReachedDevice, two: ReachedDevice): Promise<readonly Way[]> {
  const [own4 = "", own6 = ""] = [...one.addresses4, ...one.addresses6];
  const [other4 = "", other6 = ""] = [...two.addresses4, ...two.addresses6];
  const [lan1, lan2] = await Promise.all([one.device.waitForIp(), two.device.waitForIp()]);
  const sources4 = [lan1, lan2, "192.168.1.1", "192.168.1.250", own4, other4, "127.0.0.1", "198.51.100.255"];
  const sources6 = [own6, other6, "::1"];
  return [
    ...sources4.flatMap((source) => [own4, lan1, "192.168.1.1"].map((to): Way => [source, to])),
    ...sources6.map((source): Way => [source, own6]),
    ...[lan1, lan2, "192.168.1.1", other4, "127.0.0.1"].map((to): Way => [client.ip, to]),
    ...[other6, ula("1"), ula("2"), "::1", linkLocal(standardMacs.gatewayLan)].map(
      (to): Way => [client.ip6, to],
    ),
  ];
}

scenario(
  "from the WAN, no source of the LAN and no foreign destination gets in by a device's MAC",
  { wan },
  async (lab) => {
    await startGateway(lab, quick6);
    const [one, two] = await twoDevices(lab);
    await startHostPrograms(lab);
    await giveLanIpv6(lab, one.device);
    const client = lab.wan.clients[0] as WanHost;
    const [own4 = "", own6 = ""] = [...one.addresses4, ...one.addresses6];
    const add = ["port-forward", "add", String(udpForward), await one.device.waitForIp(), "7", "--udp"];
    expect((await lab.gateway.command(add)).code).toBe(0);
    await lab.gateway.waitForOutput(/Manual forwards: udp/);
    await waitForPage(lab, client, own6, 8080, one.device.name);
    const honest = probesTo(one.device.mac, [
      [client.ip, own4],
      [client.ip6, own6],
    ]);
    const came = await whatCameOf(lab, client, honest);
    for (const { mark } of honest)
      expect(came.some((line) => new RegExp(`\\.${mark}[ :]`).test(line))).toBe(true);

    const ways = await lies(client, one, two);
    for (const mac of [one.device.mac, lab.gateway.wanMac])
      expect(await whatCameOf(lab, client, probesTo(mac, ways))).toEqual([]);
    // Nobody on the WAN can tell that the LAN has this source too; the answer never goes there.
    const answered = await whatCameOf(lab, client, probesTo(one.device.mac, lanSources6(own6)));
    for (const line of answered) expect(line).toContain(`${one.device.mac} > ${standardMacs.router}`);
    expect(await pageAt(client, own4, 8080)).toBe(one.device.name);
    lab.notes.push(
      `${ways.length} pairs of addresses, each with ${tcpPorts.length} TCP ports, 3 UDP ports and an echo`,
    );
  },
);

scenario(
  "from the LAN, nobody speaks under an address of the gateway's or as all hosts",
  { wan },
  async (lab) => {
    await startGateway(lab, quick6);
    const [one, two] = await twoDevices(lab);
    await startHostPrograms(lab);
    const [own4 = "", other4 = ""] = [...one.addresses4, ...two.addresses4];
    const [lan1, lan2] = await Promise.all([one.device.waitForIp(), two.device.waitForIp()]);
    const client = lab.wan.clients[0] as WanHost;
    const destinations = ["192.168.1.1", lan2, client.ip, lab.wan.internet.ip];
    const ways = (sources: readonly string[]): Way[] =>
      sources.flatMap((source) => destinations.map((to): Way => [source, to]));
    const honest = await whatCameOfDevice(lab, one.device, ways([lan1]));
    for (const to of destinations)
      expect(honest.some((line) => line.includes(`> ${to}`) || line.includes(`${to}.`))).toBe(true);
    const lies = ways(["192.168.1.1", own4, other4, "192.168.1.255", "198.51.100.255", "127.0.0.1"]);
    expect(await whatCameOfDevice(lab, one.device, lies)).toEqual([]);
    expect(await pageAt(client, own4, 8080)).toBe(one.device.name);
  },
);

scenario(
  "own_mac = use: the port's own MAC is no way to the LAN, to a device's address or to the gateway's LAN address either",
  { wan: { ...wan, registered: [...wan.registered, standardMacs.gatewayWan], sourceGuard: false } },
  async (lab) => {
    const { namespace } = lab.gateway;
    await namespace.sysctl({ "net/ipv6/conf/eth0/disable_ipv6": 0, "net/ipv6/conf/eth0/accept_ra": 2 });
    await namespace.ip(["addr add 198.51.100.20/24 dev eth0", "link set eth0 up"]);
    await startGateway(lab, { ...quick6, wan: { ...quick6.wan, own_mac: "use" } });
    const [one, two] = await twoDevices(lab);
    await startHostPrograms(lab);
    await giveLanIpv6(lab, one.device);
    const client = lab.wan.clients[0] as WanHost;
    const own = ["198.51.100.20", slaacAddress("2001:db8:a::/64", standardMacs.gatewayWan)] as const;
    for (const ip of own) await lab.gateway.waitFor(`${ip} answers`, () => client.ping(ip));
    const port: ReachedDevice = { device: one.device, addresses4: [own[0]], addresses6: [own[1]] };
    const foreign = [
      ...one.addresses4.map((ip): Way => [client.ip, ip]),
      ...one.addresses6.map((ip): Way => [client.ip6, ip]),
    ];
    const ways = [...(await lies(client, port, two)), ...foreign];
    expect(await whatCameOf(lab, client, probesTo(lab.gateway.wanMac, ways))).toEqual([]);
  },
  { ownMac: "use" },
);

scenario("a scan of the common UDP ports from the WAN is answered by nobody", { wan }, async (lab) => {
  await startGateway(lab, quick6);
  const [one] = await twoDevices(lab);
  await startHostPrograms(lab);
  const client = lab.wan.clients[0] as WanHost;
  const options = { ports: udpPorts.join(), protocol: "udp" } as const;
  const lanOpen = await answers(one.device, ["192.168.1.1"], options);
  expect(lanOpen).toContain("192.168.1.1/5353 open");
  const locals = [one.device.mac, lab.gateway.wanMac].map(linkLocal);
  const wanSide = await lab.capture("wan", "scan");
  expect(await answers(client, one.addresses4, options)).toEqual([]);
  expect(await answers(client, one.addresses6, options)).toEqual([]);
  expect(await answers(client, locals, { ...options, ifname: "eth0" })).toEqual([]);
  expect(await answers(client, ["198.51.100.255"], options)).toEqual([]);
  expect(await answers(client, ["ff02::1"], { ...options, ifname: "eth0" })).toEqual([]);
  await wanSide.stop();
  expect(
    await wanSide.lines([...anyOf([`ether src ${one.device.mac}`]), "and", ...anyOf(unreachable)]),
  ).toEqual([]);
});
