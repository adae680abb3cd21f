/** Devices that are open as a whole, over paths that are narrow, with datagrams that do not fit, errors, and traceroute. */
import { expect } from "vitest";
import { routersIp4 } from "../../src/plan/translation.ts";
import type { Capture } from "../capture.ts";
import { hostOf6, standardPrefix } from "../description6.ts";
import { type Download, startDownload } from "../devices.ts";
import { scenario } from "../scenario.ts";
import { disable, echoed, enable, startTwo, waitUntilClosed, waitUntilOpen } from "../suites/inbound.ts";
import {
  askAndLeave,
  complaint,
  echoes,
  expectDatagrams,
  expectMegabyte,
  narrowRouter,
  pathMtuOf,
  serveEcho,
  trace,
} from "../suites/inbound-paths.ts";
import { expectNoDrops, registered } from "../suites/network.ts";
import { pageAt } from "../suites/reach.ts";
import { expectTranslated, nat64Prefix, translatorPid, waitForTranslation } from "../suites/xlat.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";
import type { WanHost } from "../wan-host.ts";

const services = { web: [80, 9100], banner: [23, 9200], udpEcho: [7] };

scenario(
  "a host beyond a router and an open device, by both families: fragments, errors both ways, traceroute, and a path of 1280 octets",
  { wan: { ipv6: {}, registered: registered(1, 2), clients: ["dual"] } },
  async (lab) => {
    const [one] = await startTwo(lab, services);
    const { device } = one;
    const client = lab.wan.internet;
    const [own4 = "", own6 = ""] = [...one.addresses4, ...one.addresses6];
    const lanIp = await device.waitForIp();
    const forBoth = (check: (ip: string) => Promise<unknown>) => Promise.all([own4, own6].map(check));
    expect((await enable(lab, lanIp, "203.0.113.0/24", "2001:db8:ffff::/64")).code).toBe(0);
    await forBoth((ip) => waitUntilOpen(lab, client, ip));
    await forBoth(async (ip) => {
      expect([ip, await lab.wan.clients[0]?.ping(ip)]).toEqual([ip, false]);
      await expectDatagrams(client, ip, [1, 1300, 3000, 8000]);
      expect([ip, await complaint(client, ip)]).toEqual([ip, expect.stringContaining("refused")]);
    });
    const asSix = device.services?.requests().find(({ from }) => from?.startsWith("198.19."))?.from ?? "";

    // Where nobody listens any more the device is told so; what IPv6 hosts complain of stands under one address.
    await serveEcho(device, 9301, "late");
    await forBoth(async (ip) => {
      const told = `icmp[0:2] = 0x0303 and src ${ip === own4 ? client.ip : routersIp4} and dst ${lanIp}`;
      await lab.gateway.waitFor(`the device is told: ${told}`, async () => {
        if ((await captured(lab, "lan").count([told])) > 0) return true;
        await askAndLeave(client, ip, 9301);
        return false;
      });
    });

    // The gateway says nothing, or what it says is under the device's own address: once by IPv4; by IPv6 before, in and behind the translator.
    for (const [ip, router, silent] of [
      [own4, "203.0.113.254", 1],
      [own6, "2001:db8:ffff::fe", 3],
    ] as const) {
      const way = (await trace(client, ip)).map((hop, n) => (n <= silent && hop === ip ? "*" : hop));
      expect(way).toEqual([router, ...Array<string>(silent).fill("*"), ip]);
    }
    expect(await trace(device, client.ip)).toEqual(["192.168.1.1", lab.wan.routerIp, client.ip]);

    // What the translator does not take: echoes in fragments, UDP without a checksum (docs/adr/0024).
    await serveEcho(device, 9300, "bare");
    await forBoth(async (ip) => {
      const got = await Promise.all([
        echoes(client, ip, 1452),
        echoes(client, ip, 3000),
        echoed(client, ip, "bare", 9300),
      ]);
      expect([ip, ...got]).toEqual(ip === own4 ? [ip, true, true, "bare"] : [ip, true, false, ""]);
    });
    const bare = `udp src port 9300 and dst ${asSix} and udp[6:2] = 0`;
    expect(await captured(lab, "lan").count([bare])).toBe(1);

    // What fits a cable and not the IPv6 header before it: the translator says so.
    await lab.gateway.waitFor(
      "1472 octets come back",
      async () => (await echoed(client, own6, "x".repeat(1472))).length === 1472,
    );
    expect(await pathMtuOf(device, asSix)).toBe(1480);

    await narrowRouter(lab, one, 1280);
    for (const ip of [own4, own6]) await expectMegabyte(client, ip, 9200, device.name);
    expect([await pathMtuOf(device, client.ip), await pathMtuOf(device, asSix)]).toEqual([1280, 1260]);
    const tooBig = ["ether", "src", device.mac, "and", "greater", "1295"];
    expect(await captured(lab, "wan").count(tooBig)).toBeGreaterThan(0);
    const after = await lab.capture("wan", "obeyed", tooBig);
    await forBoth(async (ip) => {
      await expectMegabyte(client, ip, 9200, device.name);
      await expectDatagrams(client, ip, [1300, 3000]);
    });
    expect(await after.lines()).toEqual([]);
    await expectNoDrops(lab);
  },
);

scenario(
  "IPv6 alone and a NAT64, two devices open at once to different networks, their own IPv4 going on; a client with another address; one device closed while both send",
  {
    wan: {
      ipv4: false,
      ipv6: { nat64: nat64Prefix, pref64: nat64Prefix },
      registered: registered(1, 2),
      clients: 2,
    },
  },
  async (lab) => {
    const [one, two] = await startTwo(lab, services, { four: 0, six: 1 });
    const [first, second] = lab.wan.clients as readonly [WanHost, WanHost];
    const [ip1 = "", ip2 = ""] = [...one.addresses6, ...two.addresses6];
    const lanIp1 = await one.device.waitForIp();
    expect((await enable(lab, lanIp1, first.ip6)).code).toBe(0);
    expect((await enable(lab, await two.device.waitForIp(), standardPrefix("a"))).code).toBe(0);
    const ways = [
      [first, ip1],
      [first, ip2],
      [second, ip2],
    ] as const;
    await Promise.all(ways.map(([client, ip]) => waitUntilOpen(lab, client, ip)));
    expect(await second.ping(ip1)).toBe(false);

    await waitForTranslation(lab, one.device.mac);
    await expectTranslated(lab, one.device);
    expect((await trace(one.device, lab.wan.internet.ip)).slice(-2)).toEqual([
      "203.0.113.254",
      lab.wan.internet.ip,
    ]);
    await expectDatagrams(first, ip1, [1300, 3000]);

    const downloads = [ip1, ip2].map((ip) =>
      startDownload(first.namespace, `http://[${ip}]:9100/slow?bytes=400000&rate=50000`),
    );
    const [closing, staying] = downloads as [Download, Download];
    await waitFor("both devices send", () => downloads.every((d) => d.received() > 20_000));
    process.kill((await translatorPid(lab)) ?? 0, "SIGKILL");
    await waitUntilOpen(lab, second, ip2);
    expect((await disable(lab, lanIp1)).code).toBe(0);
    await waitUntilClosed(lab, first, ip1);
    const atClosing = closing.received();
    expect(await staying.finished).toEqual({ code: 0, bytes: 400_000 });
    expect(closing.received()).toBe(atClosing);
    await closing.stop();

    // Who has another address is another client; the one that it had keeps its own.
    const seen = (): ReadonlySet<string | undefined> =>
      new Set(two.device.services?.requests().map(({ from }) => from));
    await pageAt(second, ip2, 9100);
    const before = seen();
    const other = hostOf6(standardPrefix("a"), "77");
    await second.namespace.ip([`addr del ${second.ip6}/64 dev eth0`, `addr add ${other}/64 dev eth0`]);
    expect(await pageAt(second, ip2, 9100)).toBe(two.device.name);
    expect(seen().size).toBe(before.size + 1);
    await waitForTranslation(lab, one.device.mac);
    await expectTranslated(lab, one.device);
    await expectNoDrops(lab);
  },
);

function captured(lab: Lab, name: "lan" | "wan"): Capture {
  const capture = lab.captures.get(name);
  if (!capture) throw new Error(`no capture ${name}`);
  return capture;
}
