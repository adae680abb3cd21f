/** Devices that are open as a whole: every protocol that IPv6 and IPv4 clients ask for reaches them, and nobody else. */
import { expect } from "vitest";
import { scan } from "../scan.ts";
import { scenario } from "../scenario.ts";
import { disable, echoed, enable, startTwo, waitUntilClosed, waitUntilOpen } from "../suites/inbound.ts";
import { expectNoDrops, registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import {
  automatic,
  expectOnly,
  openPorts,
  pageAt,
  type ReachedDevice,
  waitForPage,
} from "../suites/reach.ts";
import { expectNoTranslator, translatorPid } from "../suites/xlat.ts";
import type { WanHost } from "../wan-host.ts";

const wan = {
  ipv6: {},
  registered: registered(1, 2),
  clients: ["ipv4", "ipv6", "dual"] as const,
};
/** In no list; the second one as FTP opens it. */
const unlisted = [9100, 50_021];
const services = { web: [80, ...unlisted], banner: [23], udpEcho: [7] };

/** Every protocol from these clients, all at once. */
async function expectOpen({ device }: ReachedDevice, ways: readonly (readonly [WanHost, string])[]) {
  await Promise.all(
    ways.flatMap(([client, ip]) => [
      ...unlisted.map(async (port) =>
        expect([client.name, ip, port, await pageAt(client, ip, port)]).toEqual([
          ...[client.name, ip, port, device.name],
        ]),
      ),
      (async () => expect(await echoed(client, ip, `to ${ip}`)).toBe(`to ${ip}`))(),
      (async () => expect([ip, await client.ping(ip, 3)]).toEqual([ip, true]))(),
    ]),
  );
}

async function expectClosed(client: WanHost, ip: string): Promise<void> {
  for (const port of unlisted) await expect(pageAt(client, ip, port, 1)).rejects.toThrow();
  expect([await echoed(client, ip, "hello"), await client.ping(ip)]).toEqual(["", false]);
}

scenario(
  "one device open: UDP, ping and ports of no list, by two IPv6 clients and one of IPv4 at once; the other device stays closed; closed again",
  { wan },
  async (lab) => {
    const [one, two] = await startTwo(lab, services);
    const [four, six, dual] = lab.wan.clients as readonly [WanHost, WanHost, WanHost];
    const [own4 = "", own6 = ""] = [...one.addresses4, ...one.addresses6];
    for (const { device, addresses6 } of [one, two])
      await waitForPage(lab, six, addresses6[0] ?? "", 8080, device.name);
    await expectClosed(six, own6);
    const lanIp = await one.device.waitForIp();
    expect((await enable(lab, lanIp)).stdout).toContain(
      `Every TCP and UDP port of ${lanIp} and ping are open to everybody`,
    );
    expect((await enable(lab, lanIp)).stdout).toContain("already");
    await waitUntilOpen(lab, six, own6);
    await waitUntilOpen(lab, four, own4);
    await expectOpen(one, [
      [six, own6],
      [dual, own6],
      [four, own4],
      [dual, own4],
    ]);
    const seen = one.device.services?.requests().filter((r) => r.port === unlisted[0]) ?? [];
    expect(new Set(seen.map(({ from }) => from?.replace(/^198\.19\..*/, "a client of IPv6")))).toEqual(
      new Set(["a client of IPv6", four.ip, dual.ip]),
    );
    // What the proxies listen for stays theirs.
    for (const port of [8080, 80]) expect(await pageAt(six, own6, port)).toBe(one.device.name);
    // As addresses of the WAN are seen by MAC, nothing leaves under a foreign one.
    await expectNoDrops(lab);

    const [other4 = "", other6 = ""] = [...two.addresses4, ...two.addresses6];
    expectOnly(await openPorts(dual, [other4, other6]), [
      ...[23, 80, 2323, 8080].map((port) => `${other4}/${port}`),
      ...automatic.map((port) => `${other6}/${port}`),
    ]);
    for (const ip of [other4, other6]) await expectClosed(dual, ip);
    const udp = { ports: "7,53,67,68,123,546,547,5353", protocol: "udp" } as const;
    for (const ip of [other4, other6]) expect(await scan(dual.namespace, [ip], udp)).toEqual([]);

    const detail = await lab.gateway.command(["device", one.device.mac]);
    expect(detail.stdout).toContain("every port and ping, from everywhere");
    expect((await disable(lab, lanIp)).code).toBe(0);
    await waitUntilClosed(lab, six, own6);
    await waitUntilClosed(lab, four, own4);
    for (const [client, ip] of [
      [six, own6],
      [four, own4],
    ] as const)
      await expectClosed(client, ip);
    expect(await pageAt(six, own6, 8080)).toBe(one.device.name);
    await expectNoTranslator(lab);
  },
);

scenario(
  "only allowed networks reach an open device; the translator killed comes back, and a restart of the gateway interrupts nothing",
  { wan },
  async (lab) => {
    const [one] = await startTwo(lab, services);
    const [four, six, dual] = lab.wan.clients as readonly [WanHost, WanHost, WanHost];
    const [own4 = "", own6 = ""] = [...one.addresses4, ...one.addresses6];
    const lanIp = await one.device.waitForIp();
    expect((await enable(lab, lanIp, dual.ip6, `${four.ip}/32`)).code).toBe(0);
    await waitUntilOpen(lab, dual, own6);
    await waitUntilOpen(lab, four, own4);
    await expectClosed(six, own6);
    await expectClosed(dual, own4);
    expect((await lab.gateway.command(["ipv6-forward", "status"])).stdout).toContain(dual.ip6);
    const refused = await enable(lab, "192.0.2.9");
    expect([refused.code, refused.stderr]).toEqual([
      1,
      "gateway: 192.0.2.9 is not inside the LAN 192.168.1.0/24\n",
    ]);

    process.kill((await translatorPid(lab)) ?? 0, "SIGKILL");
    await waitUntilOpen(lab, dual, own6);
    await lab.gateway.stop("SIGKILL");
    expect(await dual.ping(own6)).toBe(true);
    await startGateway(lab, quick6);
    await expectOpen(one, [[dual, own6]]);
    await expectClosed(six, own6);
  },
);
