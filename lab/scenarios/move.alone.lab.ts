/** The cable moves to another network: other addresses, other prefix, other servers, other routers. */
import { expect } from "vitest";
import type { WanDescription } from "../description.ts";
import { scenario } from "../scenario.ts";
import { burstConfig, burstMacs } from "../suites/burst.ts";
import { startGateway } from "../suites/network.ts";
import { identityAddresses6, quick6, slaacAddress } from "../suites/network6.ts";
import type { Lab } from "../topology.ts";

const count = 50;
const macs = burstMacs(count);
const config = { ...burstConfig, ...quick6, lan: burstConfig.lan, wan: { change_delay: 2 } };
const a: WanDescription = { dhcp: "dnsmasq", registered: macs, ipv6: { dhcp6: "kea" } };

const others: readonly (readonly [name: string, b: WanDescription & { readonly name: string }])[] = [
  [
    "where the server refuses the old leases",
    {
      name: "b",
      subnet: "192.0.2.0/24",
      dhcp: "dnsmasq",
      registered: macs,
      routerMac: "00:00:5e:00:53:fb",
      ipv6: { dhcp6: "kea" },
    },
  ],
  [
    "where no server answers for the old leases",
    {
      name: "b",
      subnet: "192.0.2.0/24",
      dhcp: "dhcpd",
      dhcpOptions: { authoritative: false },
      registered: macs,
      ipv6: {},
    },
  ],
];

/** How many devices the kernel has with all of the wanted kinds of address. */
async function onNetwork(lab: Lab, subnet: string, prefix: string): Promise<number> {
  const rows = (await lab.gateway.namespace.ipJson(["addr", "show"])) as readonly {
    readonly ifname: string;
    readonly addr_info: readonly { readonly local: string; readonly tentative?: boolean }[];
  }[];
  const has = (row: (typeof rows)[number], start: string): boolean =>
    row.addr_info.some((i) => i.local.startsWith(start) && i.tentative !== true);
  return rows.filter((r) => r.ifname.startsWith("gw") && has(r, subnet) && has(r, prefix)).length;
}

for (const [name, b] of others) {
  scenario(
    `50 devices move to another network, ${name}`,
    { lan: { subnet: "10.20.0.0/20" }, wan: a },
    async (lab) => {
      const second = await lab.addWan(b);
      await startGateway(lab, config);
      const simulator = await lab.addSimulator();
      await simulator.start({
        count,
        firstMac: macs[0] ?? "",
        addressing: { kind: "dhcp" },
        hostName: "sim",
      });
      await lab.gateway.waitFor(
        "all are on network a",
        async () => (await onNetwork(lab, "198.51.100.", "2001:db8:a:")) === count,
        { timeoutMs: 60_000, everyMs: 250 },
      );
      const carrierAt = await lab.moveCable(lab.wan, second);
      await lab.gateway.waitFor(
        "all are on network b",
        async () => (await onNetwork(lab, "192.0.2.", "2001:db8:b:")) === count,
        { timeoutMs: 60_000, everyMs: 100 },
      );
      const took = ((performance.now() - carrierAt) / 1000).toFixed(1);
      lab.notes.push(
        `${count} devices are back ${took} s after the carrier, 2 s of it to let the network settle`,
      );
      await lab.gateway.waitFor(
        "nothing of network a is left",
        async () => {
          const { namespace } = lab.gateway;
          const shown = await Promise.all(
            [
              ["ip", "addr", "show"],
              ["ip", "route", "show", "table", "all"],
              ["ip", "-6", "route", "show", "table", "all"],
              ["ip", "neigh", "show", "nud", "permanent"],
              ["nft", "list", "table", "inet", "ipv4_ipv6_gateway"],
            ].map(async (argv) => (await namespace.run(argv)).stdout),
          );
          const text = [...shown, JSON.stringify(await lab.gateway.state())].join("\n");
          const left = text.split("\n").filter((line) => /198\.51\.100\.|2001:db8:a:/.test(line));
          if (left.length > 0) throw new Error(left.slice(0, 3).join(" / "));
          return true;
        },
        { timeoutMs: 20_000, everyMs: 500 },
      );
      if (second.dhcp6)
        await lab.gateway.waitFor(
          "all have leases of DHCPv6 there",
          async () => (await second.dhcp6?.leases())?.length === count,
          { timeoutMs: 40_000 },
        );
      await lab.gateway.waitFor(
        "all have formed addresses of the prefix there",
        async () => {
          for (const mac of macs) {
            const wanted = slaacAddress("2001:db8:b::/64", mac);
            if (!(await identityAddresses6(lab, mac)).includes(wanted))
              throw new Error(`${mac} has no ${wanted}`);
          }
          return true;
        },
        { timeoutMs: 40_000, everyMs: 500 },
      );
      const rows = await lab.gateway.devices();
      expect(rows.filter((r) => r.status === "active")).toHaveLength(count);
    },
    { guardDrops: "allowed" },
  );
}
