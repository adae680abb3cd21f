import { expect } from "vitest";
import { allNodes, allRouters, type Ip6, linkLocalOf, multicastMac } from "../../src/base/ip6.ts";
import type { Mac } from "../../src/base/mac.ts";
import { emitNdFrame } from "../../src/wire/nd/emit.ts";
import type { NdFrame } from "../../src/wire/nd/message.ts";
import { deviceMac, type LabDescription, standardMacs } from "../description.ts";
import { guardDrops, ownMacFrames, strictPairs } from "../evidence.ts";
import { scenario } from "../scenario.ts";
import { sendFrames } from "../send-frames.ts";
import { addIdentity, eui64Of, mac, waitForAddress } from "../suites/identity6.ts";
import { packetsOf } from "../switch-counters.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";

const net = "2001:db8:a::";
const own = eui64Of(net, mac);
const second = deviceMac(2);
const foreign = `${net}77`;

const network: LabDescription = { wan: { ipv4: false, ipv6: {}, registered: [mac, second] } };
const allowed = { guardDrops: "allowed" } as const;

async function ping(lab: Lab, from: string, ifname = "id1"): Promise<boolean> {
  const argv = ["ping", "-n", "-c", "1", "-W", "1", "-I", from, lab.wan.internet.ip6];
  const { code } = await lab.gateway.namespace.run(argv, { mayFail: true });
  // A neighbour entry that failed keeps asking in the name of the source before.
  await lab.gateway.namespace.ip([`neigh flush dev ${ifname}`]);
  return code === 0;
}

scenario("the guard learns from probes, nothing of an honest identity is dropped", network, async (lab) => {
  await addIdentity(lab);
  await waitForAddress(lab, own);
  expect(await ping(lab, own)).toBe(true);
  await lab.gateway.namespace.run(["ping", "-n", "-c", "1", "-W", "1", lab.wan.clients[0]?.ip6 ?? ""]);
  expect(await lab.wan.asks6(own)).toBe(mac);
  const bindings = (await lab.wan.firewall.bindings6()).map((b) => `${b.mac} ${b.ip}`).sort();
  expect(bindings).toEqual([`${mac} ${own}`, `${mac} ${linkLocalOf(mac as Mac)}`].sort());
  const { ipv6, seen, guardedSources, unregistered } = await lab.wan.firewall.counters();
  for (const kind of ["rs", "ns", "na", "mld"] as const) {
    expect([kind, packetsOf(ipv6[kind], mac) > 0]).toEqual([kind, true]);
  }
  expect(packetsOf(ipv6.dad, mac)).toBe(2);
  expect(packetsOf(ipv6.dhcp6, mac)).toBe(0);
  expect(packetsOf(ipv6.ip6, mac)).toBe(packetsOf(seen, mac));
  expect([guardedSources, unregistered.size]).toEqual([[], 0]);
  const pairs = await strictPairs(lab.wan);
  expect(pairs.map(({ is }) => is).sort()).toEqual(["link-local", "slaac", "unspecified"]);
  await lab.wan.firewall.resetCounters();
  const after = await lab.wan.firewall.counters();
  expect([after.ipv6.ip6.size, after.pairs6.length]).toEqual([0, 0]);
  expect(packetsOf(after.ever, mac)).toBeGreaterThan(5);
});

scenario("optimistic addresses speak at once and pass", network, async (lab) => {
  await lab.gateway.namespace.sysctl({
    "net.ipv6.conf.default.optimistic_dad": 1,
    "net.ipv6.conf.default.use_optimistic": 1,
  });
  await addIdentity(lab);
  await waitFor("the optimistic address reaches the host beyond", () => ping(lab, own));
  expect(await guardDrops(lab)).toBe("");
});

scenario(
  "a source that nobody probed for is dropped and counted; a probe or a permit lets it pass",
  network,
  async (lab) => {
    await addIdentity(lab);
    await waitForAddress(lab, own);
    const { namespace } = lab.gateway;
    const { firewall } = lab.wan;
    await namespace.ip([`addr add ${foreign}/64 dev id1 nodad`]);
    expect(await ping(lab, foreign)).toBe(false);
    const { guarded, guardedSources, pairs6 } = await firewall.counters();
    expect(packetsOf(guarded, mac)).toBeGreaterThan(0);
    expect(guardedSources).toEqual([expect.objectContaining({ mac, ip: foreign })]);
    expect(pairs6).toContainEqual(expect.objectContaining({ mac, ip: foreign }));
    expect((await strictPairs(lab.wan)).find(({ ip }) => ip === foreign)?.is).toBe("stranger");
    expect(await guardDrops(lab)).toContain(`of ${mac} as ${foreign}`);
    // Neither does it get through as the target of an advertisement.
    expect(await lab.wan.asks6(foreign)).toBeUndefined();
    await namespace.ip([`addr del ${foreign}/64 dev id1`, `addr add ${foreign}/64 dev id1`]);
    await waitForAddress(lab, foreign);
    expect(await ping(lab, foreign)).toBe(true);
    expect(await lab.wan.asks6(foreign)).toBe(mac);
    const permitted = `${net}78`;
    await firewall.permit(mac, permitted);
    await namespace.ip([`addr add ${permitted}/64 dev id1 nodad`]);
    expect(await ping(lab, permitted)).toBe(true);
    await namespace.ip([`addr add ${net}79/64 dev id1 nodad`]);
    await firewall.setRules({ sourceGuard: false });
    expect(await ping(lab, `${net}79`)).toBe(true);
  },
  allowed,
);

scenario(
  "the first MAC to probe keeps the address; another registered one does not get it",
  network,
  async (lab) => {
    await addIdentity(lab);
    await waitForAddress(lab, own);
    await addIdentity(lab, "id2", second);
    await waitForAddress(lab, eui64Of(net, second), "id2");
    await lab.gateway.namespace.ip([`addr add ${foreign}/64 dev id1`]);
    await waitForAddress(lab, foreign);
    await lab.gateway.namespace.ip([`addr del ${foreign}/64 dev id1`]);
    await lab.gateway.namespace.ip([`addr add ${foreign}/64 dev id2`]);
    await waitForAddress(lab, foreign, "id2");
    expect(await lab.wan.asks6(foreign)).toBeUndefined();
    const { guardedSources } = await lab.wan.firewall.counters();
    expect(guardedSources).toContainEqual(expect.objectContaining({ mac: second, ip: foreign }));
    const owners = (await lab.wan.firewall.bindings6()).filter(({ ip }) => ip === foreign);
    expect(owners).toEqual([{ mac, ip: foreign }]);
  },
  allowed,
);

const nd = (source: string, destination: Ip6, message: NdFrame["message"]): Uint8Array =>
  emitNdFrame({
    sourceMac: mac as Mac,
    destinationMac: multicastMac(destination),
    source: source as Ip6,
    destination,
    message,
  });

const advert = (targetMac: string): NdFrame["message"] => ({
  kind: "neighbour-advert",
  target: own as Ip6,
  ...{ router: false, solicited: false, override: true },
  targetMac: targetMac as Mac,
});

const solicit = (sourceMac: string): NdFrame["message"] => ({
  kind: "neighbour-solicit",
  target: `${net}1` as Ip6,
  sourceMac: sourceMac as Mac,
});

scenario(
  "neighbour discovery that names another MAC inside is dropped, and whatever only a router says",
  network,
  async (lab) => {
    await addIdentity(lab);
    await waitForAddress(lab, own);
    const inside = (of: string): readonly Uint8Array[] => [
      nd(own, allNodes, advert(of)),
      nd(own, allNodes, solicit(of)),
      nd(own, allRouters, { kind: "router-solicit", sourceMac: of as Mac }),
    ];
    await sendFrames(lab.gateway.namespace, "id1", ...inside(mac));
    expect(await guardDrops(lab)).toBe("");
    await sendFrames(lab.gateway.namespace, "id1", ...inside(second));
    expect((await lab.wan.firewall.counters()).guardedSources).toEqual([
      expect.objectContaining({ mac, ip: own, packets: 3 }),
    ]);
    await lab.wan.firewall.resetCounters();
    // 134 is type and code 0 of an advertisement, at offset 54 of the frame; the switch does not look at checksums.
    const frame = nd(own, allNodes, { kind: "router-solicit", sourceMac: mac as Mac });
    frame[54] = 134;
    await sendFrames(lab.gateway.namespace, "id1", frame);
    expect(packetsOf((await lab.wan.firewall.counters()).guarded, mac)).toBe(1);
  },
  allowed,
);

scenario(
  "a frame of the gateway's own MAC is told with what it was",
  network,
  async (lab) => {
    expect(await ownMacFrames(lab)).toBe("");
    const frame = nd("::", allRouters, { kind: "router-solicit" });
    frame.set(Buffer.from(standardMacs.gatewayWan.replaceAll(":", ""), "hex"), 6);
    await sendFrames(lab.gateway.namespace, "eth0", frame);
    await lab.wan.firewall.resetCounters();
    expect(await ownMacFrames(lab)).toMatch(/spoke: 1 frames on network a\n.*router solicitation/);
  },
  { ownMac: "use" },
);

scenario(
  "a cable that moves takes no bindings along; a cable that flaps keeps them",
  network,
  async (lab) => {
    const b = await lab.addWan({ name: "b", ipv4: false, ipv6: { ra: "radvd" }, registered: [mac] });
    await addIdentity(lab);
    await waitForAddress(lab, own);
    await lab.flapCable(3, 600);
    expect((await lab.wan.firewall.bindings6()).length).toBe(2);
    await waitForAddress(lab, own);
    await lab.moveCable(lab.wan, b);
    expect(await lab.wan.firewall.bindings6()).toEqual([]);
    await waitForAddress(lab, eui64Of("2001:db8:b::", mac));
    expect(await b.asks6(eui64Of("2001:db8:b::", mac))).toBe(mac);
    expect(await lab.captures.get("wan-b")?.count(["icmp6"])).toBeGreaterThan(0);
  },
);
