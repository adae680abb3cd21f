/** IPv6 of single identities: conflicts, restarts, what stays closed, and a WAN port that speaks for itself. */
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import { strictPairs } from "../evidence.ts";
import { scenario } from "../scenario.ts";
import { identityOf } from "../suites/names.ts";
import {
  addDhcpDevice,
  expectNoDrops,
  expectReachesInternet,
  registered,
  startGateway,
  waitForStatus,
} from "../suites/network.ts";
import {
  expectGatewaySpeaks,
  expectReachable6,
  expectSpeaks6,
  identityAddresses6,
  quick6,
  slaacAddress,
  waitForIpv6,
} from "../suites/network6.ts";
import { packetsOf } from "../switch-counters.ts";
import { sleep, waitFor } from "../wait.ts";

const prefix = "2001:db8:a::/64";
const mac = deviceMac(1);
const own = slaacAddress(prefix, mac);
const both = (there: readonly string[]): boolean => there.includes(own) && there.length === 2;

for (const how of ["SIGTERM", "SIGKILL"] as const) {
  scenario(
    `after ${how} and a new start addresses, leases and open connections are as before`,
    { wan: { registered: registered(1), ipv6: { dhcp6: "kea" } } },
    async (lab) => {
      await startGateway(lab, quick6);
      await addDhcpDevice(lab);
      await waitForIpv6(lab, mac, both);
      const before = await identityAddresses6(lab, mac);
      const leased = before.find((a) => a !== own) ?? "";
      // A process of the gateway's host that speaks from the device's address, as a proxy does.
      const url = `http://[${lab.wan.internet.ip6}]/slow?bytes=200000&rate=10000`;
      const argv = ["curl", "-gsS", "--interface", own, "-o", "/dev/null", "-w", "%{size_download}", url];
      const download = lab.gateway.namespace.run(argv, { timeoutMs: 60_000 });
      await sleep(2000);
      await lab.gateway.stop(how);
      await sleep(2000);
      expect(await lab.wan.asks6(own)).toBe(mac);
      const from = lab.gateway.output.length;
      lab.gateway.start();
      await lab.gateway.waitForOutput(/Gateway runs/);
      await waitForIpv6(lab, mac, before);
      await lab.gateway.waitFor("the lease is confirmed", () =>
        lab.gateway.output
          .slice(from)
          .some((l) => l.includes(`DHCPv6 obtained for ${mac}: ${leased}`) && l.includes("confirm")),
      );
      expect((await download).stdout).toBe("200000");
      await expectSpeaks6(lab, lab.wan, mac, leased);
      const alarm = /DHCPv6 lost|has left|no IPv6 address/;
      expect(lab.gateway.output.slice(from).filter((line) => alarm.test(line))).toEqual([]);
      await expectNoDrops(lab);
    },
  );
}

scenario(
  "the kernel misses the router advertisement that the gateway hears: it is asked for again until the address is there",
  { wan: { registered: registered(1), ipv6: { maxInterval: 600 } } },
  async (lab) => {
    const { gateway, wan } = lab;
    const { namespace } = gateway;
    const match = `iifname "${identityOf(mac)}" icmpv6 type nd-router-advert counter drop`;
    await namespace.nft(
      `table ip6 lost { chain lost { type filter hook input priority -300; policy accept; ${match}; }; }\n`,
    );
    const missed = async (): Promise<number> => {
      const { stdout } = await namespace.run(["nft", "list", "table", "ip6", "lost"]);
      return Number(/counter packets (\d+)/.exec(stdout)?.[1]);
    };
    const asked = async (): Promise<number> => packetsOf((await wan.firewall.counters()).ipv6.rs, mac);
    await startGateway(lab, quick6);
    await addDhcpDevice(lab);
    await gateway.waitFor("a router is asked for", async () => (await asked()) > 0, { timeoutMs: 20_000 });
    const before = await missed();
    await gateway.waitFor("the kernel misses an answer", async () => (await missed()) > before, {
      timeoutMs: 30_000,
    });
    await wan.firewall.resetCounters();
    await gateway.waitFor("it is asked for again", async () => (await asked()) > 0, { timeoutMs: 30_000 });
    expect(await identityAddresses6(lab, mac)).toEqual([]);
    await namespace.nft("delete table ip6 lost\n");
    await waitForIpv6(lab, mac, [own], 60_000);
    await expectSpeaks6(lab, wan, mac, own);
    // What is there is not asked for.
    await sleep(3000);
    await wan.firewall.resetCounters();
    await sleep(35_000);
    expect(await asked()).toBe(0);
    await expectNoDrops(lab);
  },
);

scenario(
  "another host has the address that SLAAC would give: said so, and IPv4 goes on",
  { wan: { registered: registered(1), ipv6: {} } },
  async (lab) => {
    await lab.wan.addHost({ name: "twin", ip6: own });
    await startGateway(lab, quick6);
    const device = await addDhcpDevice(lab);
    const told = await lab.gateway.waitFor("the duplicate is told", async () => {
      const row = (await lab.gateway.devices()).find((d) => d.mac_address === mac);
      const said = lab.gateway.output.some(
        (l) => l.includes(own) && /duplicate|another (host|station)/i.test(l),
      );
      return said && row?.status === "active" && row;
    });
    expect(await identityAddresses6(lab, mac)).toEqual([]);
    await expectReachesInternet(lab, device, told.ipv4_wan_address ?? "");
    expect(await lab.wan.asks6(own)).not.toBe(mac);
  },
);

scenario(
  "another host has the address that DHCPv6 leases: declined, another one is leased",
  { wan: { registered: registered(1), ipv6: { dhcp6: "kea", prefixes: [{ prefix, autonomous: false }] } } },
  async (lab) => {
    const pool = Array.from({ length: 4 }, (_, n) => `2001:db8:a::100${n}`);
    await lab.wan.addHost({ name: "twin", ip6: pool[0] ?? "" });
    await startGateway(lab, quick6);
    await addDhcpDevice(lab);
    await waitForIpv6(lab, mac, (there) => there.length === 1 && there[0] !== pool[0], 60_000);
    const [address = ""] = await identityAddresses6(lab, mac);
    expect((await lab.wan.dhcp6?.leases())?.filter((l) => l.mac === mac).map((l) => l.address)).toContain(
      address,
    );
    await expectSpeaks6(lab, lab.wan, mac, address);
  },
  { timeoutMs: 240_000 },
);

scenario(
  "every source is the device's own, and nothing of the gateway's answers on it",
  { wan: { registered: registered(1, 2), clients: 1, ipv6: { dhcp6: "kea" } } },
  async (lab) => {
    // What an operator's host may run, on all addresses.
    const open = lab.gateway.namespace.start([
      ...["socat", "-6", "TCP6-LISTEN:2222,fork,reuseaddr,ipv6only=0", "SYSTEM:echo open"],
    ]);
    await startGateway(lab, { ...quick6, forwards: { auto: false } });
    await addDhcpDevice(lab, 1);
    await addDhcpDevice(lab, 2);
    for (const m of [deviceMac(1), deviceMac(2)]) await waitForIpv6(lab, m, (there) => there.length === 2);
    const addresses = await identityAddresses6(lab, mac);
    const [client] = lab.wan.clients;
    const before = (await lab.wan.firewall.counters()).ipv6;
    for (const address of [...addresses, `${slaacAddress("fe80::/64", mac)}%eth0`]) {
      const plain = address.split("%")[0] ?? "";
      if (!address.includes("%")) await expectReachable6(lab.wan, mac, address);
      for (const port of [22, 53, 80, 2222, 5050, 8080, 8404]) {
        const argv = ["curl", "-gsS", "--max-time", "1", `telnet://[${address.replace("%", "%25")}]:${port}`];
        const { code, stdout } = (await client?.namespace.run(argv, { mayFail: true })) ?? {
          code: 0,
          stdout: "",
        };
        expect([plain, port, stdout, code === 0]).toEqual([plain, port, "", false]);
      }
      expect(await client?.ping(address)).toBe(false);
    }
    expect(before).toBeDefined();
    // Neither refusals nor errors: whoever asks gets no word at all.
    const wan = lab.captures.get("wan");
    expect(await wan?.count(["icmp6", "and", "ip6[40]", "<", "128", "and", "ether", "src", mac])).toBe(0);
    expect(
      await wan?.count([
        "ether",
        "src",
        mac,
        "and",
        "ip6[6]",
        "==",
        "6",
        "and",
        "ip6[53]",
        "&",
        "4",
        "!=",
        "0",
      ]),
    ).toBe(0);
    const pairs = await strictPairs(lab.wan);
    expect(pairs.length).toBeGreaterThan(4);
    expect(pairs.filter((p) => p.is === "stranger")).toEqual([]);
    await open.stop("SIGKILL");
    await expectNoDrops(lab);
  },
);

scenario(
  "identities come up quietly: what each sends until it works",
  { wan: { registered: registered(1), ipv6: {} } },
  async (lab) => {
    await startGateway(lab, quick6);
    await addDhcpDevice(lab);
    await waitForIpv6(lab, mac, [own]);
    await sleep(5000);
    const { ipv6 } = await lab.wan.firewall.counters();
    const sent = (kind: keyof typeof ipv6): number => ipv6[kind].get(mac)?.packets ?? 0;
    lab.notes.push(
      `IPv6 frames: ${Object.keys(ipv6)
        .map((kind) => `${kind} ${sent(kind as keyof typeof ipv6)}`)
        .join(", ")}`,
    );
    expect(sent("mld")).toBeLessThanOrEqual(2);
    expect(sent("ip6")).toBeLessThanOrEqual(16);
  },
);

scenario(
  "own_mac = use: the port is a host of its own, and devices go on under their own names",
  { wan: { registered: [...registered(1), "00:00:5e:00:53:f0"], ipv6: {}, sourceGuard: false } },
  async (lab) => {
    const { namespace } = lab.gateway;
    await namespace.sysctl({ "net/ipv6/conf/eth0/disable_ipv6": 0, "net/ipv6/conf/eth0/accept_ra": 2 });
    await namespace.ip([
      "addr add 198.51.100.20/24 dev eth0",
      "link set eth0 up",
      "route add default via 198.51.100.1",
    ]);
    await startGateway(lab, { ...quick6, wan: { ...quick6.wan, own_mac: "use" } });
    const device = await addDhcpDevice(lab);
    await waitForIpv6(lab, mac, [own]);
    const told = await waitFor("an IPv4 lease", async () => {
      const row = await waitForStatus(lab, mac, "active");
      return row.ipv4_wan_address ? row : undefined;
    });
    await expectReachesInternet(lab, device, told.ipv4_wan_address ?? "");
    await expectSpeaks6(lab, lab.wan, mac, own);
    const portOwn = slaacAddress(prefix, "00:00:5e:00:53:f0");
    await expectGatewaySpeaks(lab, ["198.51.100.20", portOwn]);
    // A device's address never leaves through the port, even without a way of its own.
    await namespace.ip([`link set ${identityOf(mac)} down`]);
    const argv = [
      "curl",
      "-gsS",
      "--max-time",
      "1",
      "--interface",
      own,
      `http://[${lab.wan.internet.ip6}]/no`,
    ];
    expect((await namespace.run(argv, { mayFail: true })).code).not.toBe(0);
  },
  { ownMac: "use" },
);
