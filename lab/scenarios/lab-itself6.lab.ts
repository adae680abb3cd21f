import { expect } from "vitest";
import { allDhcpServers, type Ip6, multicastMac } from "../../src/base/ip6.ts";
import type { Mac } from "../../src/base/mac.ts";
import { duidLl } from "../../src/wire/dhcp6/duid.ts";
import { emitDhcp6Frame, parseDhcp6Frame } from "../../src/wire/dhcp6/frame.ts";
import type { LabDescription, WanDescription } from "../description.ts";
import type { Ipv6Description } from "../description6.ts";
import { readPcap } from "../pcap.ts";
import { scenario } from "../scenario.ts";
import { sendFrames } from "../send-frames.ts";
import { addIdentity, addresses, eui64Of, mac, waitForAddress } from "../suites/identity6.ts";
import { packetsOf } from "../switch-counters.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";

const net = "2001:db8:a::";
const own = (prefix = net): string => eui64Of(prefix, mac);

const network6 = (changes: Partial<WanDescription> = {}): LabDescription => ({
  wan: { registered: [mac], ipv6: {}, ...changes },
});

for (const ipv4 of [true, false]) {
  for (const ra of ["radvd", "dnsmasq"] as const) {
    scenario(
      `${ipv4 ? "dual-stack" : "IPv6 only"}, ${ra}: the kernel's SLAAC reaches the host beyond, which sees the identity`,
      network6({ ipv4, ipv6: { ra } }),
      async (lab) => {
        await addIdentity(lab);
        await waitForAddress(lab, own());
        const { namespace } = lab.gateway;
        const { internet, routerIp6, clients } = lab.wan;
        await namespace.run(["ping", "-c", "2", "-i", "0.2", "-W", "1", internet.ip6]);
        const page = await namespace.run(["curl", "-sS", "-g", `http://[${internet.ip6}]/hello`]);
        expect(JSON.parse(page.stdout)).toMatchObject({ server: "internet", client: own() });
        expect(await lab.wan.routerNeighbours6()).toContainEqual(expect.objectContaining({ ip: own(), mac }));
        expect(await lab.wan.asks6(own())).toBe(mac);
        expect(await lab.wan.asks6(own(), clients[0])).toBe(mac);
        expect(await lab.wan.asks6(`${net}999`)).toBeUndefined();
        expect(await clients[0]?.ping(own())).toBe(true);
        const beyond = await clients[0]?.fetch(`http://[${internet.ip6}]/x`);
        expect(JSON.parse(beyond ?? "")).toMatchObject({ client: clients[0]?.ip6 });
        expect(routerIp6).toBe(`${net}1`);
        expect(clients[0]?.ip === "").toBe(!ipv4);
      },
    );
  }
}

/** Two exchanges in the name of a DUID-LL, of four messages or, with rapid commit, two; gives the client program's report. */
async function lease6(lab: Lab, more: readonly string[] = []): Promise<string> {
  const duid = `00030001${mac.replaceAll(":", "")}`;
  const argv = ["perfdhcp", "-6", "-l", "id1", "-p", "2", "-r", "2", "-R", "1", "-b", `duid=${duid}`];
  return (await lab.gateway.namespace.run([...argv, ...more], { mayFail: true })).stdout;
}

const stateful: WanDescription["ipv6"] = {
  dhcp6: "kea",
  prefixes: [{ prefix: `${net}/64`, autonomous: false }],
};

scenario(
  "Kea leases to a DUID-LL with and without rapid commit; the lease file tells whose it is",
  network6({
    ipv4: false,
    ipv6: { ...stateful, dhcp6Options: { validSeconds: 900, domain: "lab.example" } },
  }),
  async (lab) => {
    await addIdentity(lab);
    await waitForAddress(lab, own("fe80::"));
    expect(await lease6(lab)).toMatch(/REQUEST-REPLY\*+[^*]*received packets: [1-9]/);
    const [lease] = await waitFor("the lease file has it", async () => {
      const leases = await lab.wan.dhcp6?.leases();
      return leases !== undefined && leases.length > 0 && leases;
    });
    expect(lease).toMatchObject({ mac, duid: `00:03:00:01:${mac}` });
    expect(lease?.address).toMatch(/^2001:db8:a::1[0-9a-f]{3}$/);
    const left = (lease?.expires ?? 0) - Date.now() / 1000;
    expect(left).toBeGreaterThan(860);
    expect(left).toBeLessThan(905);
    await lab.wan.dhcp6?.restart({}, { forgetLeases: true });
    expect(await lab.wan.dhcp6?.leases()).toEqual([]);
    // Two messages only, and the lease is there all the same.
    await lease6(lab, ["-i", "-c"]);
    expect(await lab.wan.dhcp6?.leases()).toMatchObject([{ mac }]);
    // M and not A: the kernel forms no address of the prefix.
    expect((await addresses(lab)).map(({ scope }) => scope)).toEqual(["link"]);
  },
);

const a = `${net}/64`;
const c = "2001:db8:c::/64";
const ownC = own("2001:db8:c::");

scenario(
  "prefixes are announced, deprecated, withdrawn and simply not named any more; flags change",
  network6({ ipv6: { prefixes: [a, { prefix: c, preferred: 0 }], clients: "slaac" } }),
  async (lab) => {
    await addIdentity(lab);
    expect((await waitForAddress(lab, own())).deprecated).toBeUndefined();
    expect((await waitForAddress(lab, ownC)).deprecated).toBe(true);
    await lab.wan.announce({ prefixes: [{ prefix: a, valid: 0, preferred: 0 }, c] });
    await waitFor("the other one is preferred", async () => {
      const now = await addresses(lab);
      const deprecated = (ip: string) => now.find(({ local }) => local === ip)?.deprecated === true;
      return deprecated(own()) && !deprecated(ownC);
    });
    const { internet } = lab.wan;
    const page = await lab.gateway.namespace.run(["curl", "-sS", "-g", `http://[${internet.ip6}]/`]);
    expect(JSON.parse(page.stdout)).toMatchObject({ client: ownC });
    expect(lab.wan.routers[0].ra?.options.rdnss).toEqual(["2001:db8:c::1"]);
    const d = "2001:db8:d::/64";
    await lab.wan.announce({ prefixes: [d], managed: true, other: true, rdnss: [], mtu: 1400 });
    await waitForAddress(lab, own("2001:db8:d::"));
    const said = await lab.gateway.namespace.run(["rdisc6", "-1", "id1"]);
    expect(said.stdout).toMatch(/Stateful address conf\. *: +Yes[\s\S]*Stateful other conf\. *: +Yes/);
    expect(said.stdout).toMatch(/MTU *: +1400/);
    expect(said.stdout).not.toMatch(/2001:db8:[ac]:|Recursive/);
    expect(lab.wan.routers[0].prefixes).toEqual([a, c, d]);
  },
);

scenario(
  "RDNSS, DNSSL, PREF64, preference and lifetimes are as told; a goodbye has a lifetime of 0",
  network6({
    ipv6: {
      ...{ preference: "high", routerLifetime: 600, dnssl: ["lab.example"], pref64: "2001:db8:64::/96" },
      prefixes: [{ prefix: a, onLink: false, valid: 3600, preferred: 1200 }],
    },
  }),
  async (lab) => {
    await addIdentity(lab);
    await waitForAddress(lab, own());
    const { stdout } = await lab.gateway.namespace.run(["rdisc6", "-1", "id1"]);
    expect(stdout).toMatch(/Router preference *: +high/);
    expect(stdout).toMatch(/Router lifetime *: +600 /);
    expect(stdout).toMatch(/On-link *: +No[\s\S]*Valid time *: +3600 [\s\S]*Pref\. time *: +1200 /);
    expect(stdout).toMatch(/Recursive DNS server *: 2001:db8:a::1/);
    expect(stdout).toMatch(/DNS search list *: lab\.example/);
    const wan = lab.captures.get("wan");
    // Type 38, 1800 s, /96.
    const pref64 = ["ip6[40] == 134", "and", "ip6[56:4] == 0x26020708", "and", "ip6[60:4] == 0x20010db8"];
    await waitFor("PREF64", async () => (await wan?.count(pref64)) !== 0);
    await lab.wan.routers[0].ra?.stop();
    const goodbye = ["ip6[40] == 134", "and", "ip6[46:2] == 0"];
    await waitFor("the goodbye", async () => (await wan?.count(goodbye)) !== 0);
    expect(await lab.gateway.namespace.ipJson(["-6", "route", "show", "default"])).toEqual([]);
    await lab.wan.routers[0].ra?.start();
    await waitFor(
      "a default route",
      async () => `${await lab.gateway.namespace.ipJson(["-6", "route", "show", "default"])}` !== "",
    );
  },
);

/** An Information-request for name servers, as a whole frame (RFC 8415 section 18.2.6). */
const informationRequest = (): Uint8Array =>
  emitDhcp6Frame({
    sourceMac: mac as Mac,
    destinationMac: multicastMac(allDhcpServers),
    source: own("fe80::") as Ip6,
    destination: allDhcpServers,
    sourcePort: 546,
    destinationPort: 547,
    message: {
      type: "information-request",
      xid: 0x123456,
      options: { clientId: duidLl(mac as Mac), elapsed: 0, requestList: [23, 32] },
      unknown: [],
      malformed: [],
    },
  });

const servers: Readonly<Record<string, Ipv6Description>> = {
  "dnsmasq with its own advertisements": { ra: "dnsmasq", dhcp6: "dnsmasq" },
  "dnsmasq beside radvd": { dhcp6: "dnsmasq" },
  "Kea without a pool": { dhcp6: "kea", managed: false, dhcp6Options: { pool: undefined } },
};
for (const [name, ipv6] of Object.entries(servers)) {
  scenario(`stateless DHCPv6, ${name}: O and not M, DNS and no address`, network6({ ipv6 }), async (lab) => {
    await addIdentity(lab);
    await waitForAddress(lab, own());
    const said = await lab.gateway.namespace.run(["rdisc6", "-1", "id1"]);
    expect(said.stdout).toMatch(/Stateful address conf\. *: +No[\s\S]*Stateful other conf\. *: +Yes/);
    const replies = await lab.capture("wan", "replies", ["udp", "dst", "port", "546"]);
    await sendFrames(lab.gateway.namespace, "id1", informationRequest());
    await waitFor("the reply", async () => (await replies.count()) > 0);
    expect((await replies.lines()).join()).toMatch(/dhcp6 reply/);
    await replies.stop();
    const [reply = new Uint8Array()] = await readPcap(replies.file);
    const parsed = parseDhcp6Frame(reply);
    expect(parsed.ok && parsed.value.message.options.dnsServers).toEqual([`${net}1`]);
    expect(await lease6(lab)).toMatch(/REQUEST-REPLY\*+[^*]*received packets: 0/);
    const { ipv6: seen } = await lab.wan.firewall.counters();
    expect(packetsOf(seen.dhcp6, mac)).toBeGreaterThan(1);
  });
}

scenario(
  "two routers: the better one is used, and when it dies without a word, the other",
  network6({ ipv6: { secondRouter: { preference: "high", prefixes: [c], routerLifetime: 30 } } }),
  async (lab) => {
    await addIdentity(lab);
    await Promise.all([waitForAddress(lab, own()), waitForAddress(lab, ownC)]);
    const { namespace } = lab.gateway;
    const { internet, routers } = lab.wan;
    const ping = async (from: string) => {
      const argv = ["ping", "-n", "-c", "1", "-W", "1", "-I", from, internet.ip6];
      return (await namespace.run(argv, { mayFail: true })).code;
    };
    const second = await lab.capture("wan", "second", [
      "ether",
      "dst",
      routers[1]?.mac ?? "",
      "and",
      "icmp6",
    ]);
    expect([await ping(own()), await ping(ownC)]).toEqual([0, 0]);
    expect(await second.count(["ip6[40] == 128"])).toBe(2);
    await routers[1]?.die();
    expect(await lab.wan.asks6(routers[1]?.linkLocal ?? "")).toBeUndefined();
    await waitFor("the other router is used", async () => (await ping(own())) === 0, { timeoutMs: 40_000 });
    expect(await ping(ownC)).toBe(0);
    await routers[1]?.revive();
    expect(await lab.wan.asks6(routers[1]?.linkLocal ?? "")).toBe(routers[1]?.mac);
    await routers[0].die();
    await waitFor("the second is used again", async () => (await ping(ownC)) === 0, { timeoutMs: 40_000 });
    expect(await ping(own())).toBe(0);
  },
  { timeoutMs: 240_000 },
);

scenario(
  "names resolve in both families over IPv6, and clients are of the kind told",
  network6({ clients: ["ipv4", "ipv6", "dual"], ipv6: {} }),
  async (lab) => {
    await addIdentity(lab);
    await waitForAddress(lab, own());
    const [four, six, dual] = lab.wan.clients;
    expect([four?.ip6, six?.ip, six?.ip6, dual?.ip6]).toEqual(["", "", `${net}3`, `${net}4`]);
    const ask = async (name: string, type: string): Promise<string> => {
      const argv = ["busybox", "nslookup", `-type=${type}`, name, lab.wan.routerIp6];
      return (await six?.namespace.run(argv, { mayFail: true }))?.stdout ?? "";
    };
    expect(await ask("www.lab.example", "aaaa")).toContain(lab.wan.internet.ip6);
    expect(await ask("www.lab.example", "a")).toContain(lab.wan.internet.ip);
    expect(await ask("www4.lab.example", "aaaa")).not.toContain(lab.wan.internet.ip6);
    expect(await ask("www6.lab.example", "aaaa")).toContain(lab.wan.internet.ip6);
    expect(await dual?.ping(lab.wan.internet.ip)).toBe(true);
    expect(await dual?.ping(lab.wan.internet.ip6)).toBe(true);
    const added = await lab.wan.addHost({ name: "more", ip6: `${net}77` });
    expect(JSON.parse((await six?.fetch(`http://[${added.ip6}]/`)) ?? "")).toMatchObject({
      client: six?.ip6,
    });
  },
);
