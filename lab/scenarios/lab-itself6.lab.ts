import { expect } from "vitest";
import { eui64Address, type Ip6 } from "../../src/base/ip6.ts";
import type { Mac } from "../../src/base/mac.ts";
import { deviceMac, type LabDescription, type WanDescription } from "../description.ts";
import { scenario } from "../scenario.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";

const mac = deviceMac(1);
const net = "2001:db8:a::";
const own = (prefix = net, of = mac): string => eui64Address(prefix as Ip6, of as Mac);

/** An identity made by hand: a macvlan with the device's MAC; the kernel does SLAAC. */
async function addIdentity(lab: Lab, ifname = "id1", address = mac): Promise<void> {
  const { namespace } = lab.gateway;
  await namespace.ip([
    `link add ${ifname} link eth0 address ${address} type macvlan mode private`,
    `link set ${ifname} up`,
  ]);
}

interface Address {
  readonly local: string;
  readonly scope: string;
  readonly tentative?: boolean;
  readonly deprecated?: boolean;
  readonly preferred_life_time: number;
}

async function addresses(lab: Lab, ifname = "id1"): Promise<readonly Address[]> {
  const [link] = (await lab.gateway.namespace.ipJson(["-6", "addr", "show", "dev", ifname])) as readonly {
    readonly addr_info?: readonly Address[];
  }[];
  return (link?.addr_info ?? []).filter(({ tentative }) => tentative !== true);
}

const waitForAddress = (lab: Lab, address: string, ifname = "id1"): Promise<Address> =>
  waitFor(`${ifname} has ${address}`, async () =>
    (await addresses(lab, ifname)).find(({ local }) => local === address),
  );

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
