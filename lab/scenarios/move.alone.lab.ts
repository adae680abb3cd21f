/** The cable moves to another network: other addresses, other prefix, other servers, other routers. */
import { expect } from "vitest";
import type { WanDescription } from "../description.ts";
import { scenario } from "../scenario.ts";
import { burstMacs } from "../suites/burst.ts";
import { move, moveDelay } from "../suites/move.ts";
import { identityAddresses6, slaacAddress } from "../suites/network6.ts";

const count = 50;
const macs = burstMacs(count);
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

for (const [name, b] of others) {
  scenario(
    `50 devices move to another network, ${name}`,
    { lan: { subnet: "10.20.0.0/20" }, wan: a },
    async (lab) => {
      const second = await lab.addWan(b);
      const took = await move(lab, count, {
        from: { network: lab.wan, starts: ["198.51.100.", "2001:db8:a:"] },
        to: { network: second, starts: ["192.0.2.", "2001:db8:b:"] },
        limitSeconds: 60,
      });
      lab.notes.push(
        `${count} devices are back ${took.toFixed(1)} s after the carrier, ${moveDelay} s of it at most to let the network settle`,
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
