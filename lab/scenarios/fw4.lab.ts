/** OpenWrt's firewall, as it is by default, beside ours: it lets in what our rules let in, and nothing once they are gone. */
import { expect } from "vitest";
import type { Device } from "../devices.ts";
import { scenario } from "../scenario.ts";
import { startServices } from "../services.ts";
import { loadFw4 } from "../suites/fw4.ts";
import { echoed, enable, startTwo, waitUntilOpen } from "../suites/inbound.ts";
import { expectNoDrops, registered, startGateway } from "../suites/network.ts";
import { quick6, slaacAddress } from "../suites/network6.ts";
import {
  addServingDevice,
  automatic,
  expectOnly,
  openPorts,
  pageAt,
  type ReachedDevice,
  serving,
  waitForAddresses,
  waitForPage,
} from "../suites/reach.ts";
import { expectTranslated, nat64Prefix, waitForTranslation } from "../suites/xlat.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";
import type { WanHost } from "../wan-host.ts";

const wan = { ipv6: {}, registered: registered(1, 2), clients: ["dual"] as const };
/** In no list of ports. */
const unlisted = 9100;
const manual = 7777;
const services = { web: [80, unlisted], banner: [23], udpEcho: [7] };
/** Of the router's own, on all addresses. */
const hostPorts = [22, 80, 443, 5050, 9999];

const linkLocal = (mac: string): string => slaacAddress("fe80::/64", mac);
const both = ({ addresses4, addresses6 }: ReachedDevice): readonly string[] => [...addresses4, ...addresses6];

async function expectWhole(client: WanHost, { device, ...reached }: ReachedDevice): Promise<void> {
  for (const ip of both({ device, ...reached })) {
    expect([ip, await pageAt(client, ip, unlisted)]).toEqual([ip, device.name]);
    expect([ip, await echoed(client, ip, "by UDP")]).toEqual([ip, "by UDP"]);
    expect([ip, await client.ping(ip, 3)]).toEqual([ip, true]);
  }
}

/** A page that takes so long that what happens meanwhile would interrupt it. */
const slowly = (from: WanHost | Device, host: string) =>
  from.namespace.run(
    ["curl", "-gsS", "--max-time", "20", "--limit-rate", "100K", "-o", "/dev/null"].concat([
      "-w",
      "%{size_download}",
      `http://${host}/bytes?n=400000`,
    ]),
  );

async function startBeside(lab: Lab): Promise<readonly [ReachedDevice, ReachedDevice]> {
  await startServices(lab.gateway.namespace, "the-gateway-host", { web: hostPorts });
  await loadFw4(lab.gateway.namespace, { withOurs: false });
  return startTwo(lab, services);
}

scenario(
  "forwards, proxied ports and devices open as a whole are reached; a reload interrupts nothing; once our rules are gone nothing answers",
  { wan },
  async (lab) => {
    const { namespace } = lab.gateway;
    const [one, two] = await startBeside(lab);
    const client = lab.wan.clients[0] as WanHost;
    const lanIp = await one.device.waitForIp();
    const add = ["port-forward", "add", String(manual), await two.device.waitForIp(), String(unlisted)];
    expect((await lab.gateway.command(add)).code).toBe(0);
    expect((await enable(lab, lanIp)).code).toBe(0);
    await lab.gateway.waitForOutput(/Manual forwards/);
    await waitFor("rules of the open device", async () =>
      (await namespace.run(["nft", "list", "set", "inet", "ipv4_ipv6_gateway", "open6"])).stdout.includes(
        one.addresses6[0] ?? "no address",
      ),
    );
    // As fw4 has it by itself: outbound works, inbound is refused.
    expect(await two.device.ping(lab.wan.internet.ip)).toBe(true);
    for (const ip of both(two))
      for (const port of [8080, manual]) await expect(pageAt(client, ip, port, 2)).rejects.toThrow();
    for (const ip of both(one)) expect([ip, await echoed(client, ip, "unheard")]).toEqual([ip, ""]);

    await loadFw4(namespace);
    for (const ip of both(two))
      for (const port of [8080, 80, manual]) await waitForPage(lab, client, ip, port, two.device.name);
    for (const ip of both(one)) await waitUntilOpen(lab, client, ip);
    await expectWhole(client, one);

    const [own4 = "", own6 = ""] = both(two);
    expectOnly(await openPorts(client, [own4, own6, linkLocal(two.device.mac)]), [
      ...[...serving, manual].map((port) => `${own4}/${port}`),
      ...[...automatic, manual].map((port) => `${own6}/${port}`),
    ]);

    const under = [slowly(client, `${own4}:8080`), slowly(client, `[${own6}]:8080`)];
    under.push(slowly(client, `[${one.addresses6[0]}]:${unlisted}`));
    under.push(slowly(two.device, lab.wan.internet.ip));
    for (let n = 0; n < 10; n++) await loadFw4(namespace);
    for (const { stdout } of await Promise.all(under)) expect(stdout).toBe("400000");
    await expectNoDrops(lab);

    await lab.gateway.stop("SIGKILL");
    await namespace.nft("delete table inet ipv4_ipv6_gateway\ndelete table ip6 ipv4_ipv6_gateway\n");
    const all = [...both(one), ...both(two), linkLocal(two.device.mac)];
    expectOnly(await openPorts(client, all, [...hostPorts, ...automatic, manual, unlisted].join()), []);
    // The listeners are there: fw4 lets the LAN in.
    expect(await two.device.fetch("http://192.168.1.1:9999/")).toContain("the-gateway-host");
  },
  // Without our rules nothing keeps packets from leaving under foreign addresses.
  { guardDrops: "allowed" },
);

scenario(
  "464XLAT works beside it, outwards and for a device that is open as a whole",
  {
    wan: {
      ipv4: false,
      registered: registered(1),
      clients: ["ipv6"],
      ipv6: { nat64: nat64Prefix, pref64: nat64Prefix },
    },
  },
  async (lab) => {
    const { namespace } = lab.gateway;
    await loadFw4(namespace, { withOurs: false });
    await startGateway(lab, quick6);
    const device = await addServingDevice(lab, 1, services);
    const lanIp = await device.waitForIp();
    const reached = await waitForAddresses(lab, device, { four: 0, six: 1 });
    await waitForTranslation(lab, device.mac);
    await waitFor(
      "the translator is up",
      async () =>
        (await namespace.run(["ip", "-o", "link", "show", "xlat464", "up"], { mayFail: true })).stdout !== "",
    );
    for (let n = 0; n < 3; n++) expect(await device.ping(lab.wan.internet.ip)).toBe(false);
    await loadFw4(namespace);
    await expectTranslated(lab, device);
    expect((await enable(lab, lanIp)).code).toBe(0);
    const client = lab.wan.clients[0] as WanHost;
    const [own6 = ""] = reached.addresses6;
    await waitUntilOpen(lab, client, own6);
    await expectWhole(client, reached);
    const under = [slowly(client, `[${own6}]:${unlisted}`), slowly(device, lab.wan.internet.ip)];
    for (let n = 0; n < 5; n++) await loadFw4(namespace);
    for (const { stdout } of await Promise.all(under)) expect(stdout).toBe("400000");
    await expectNoDrops(lab);
    // Nothing passes to or from the translator on the strength of its name.
    await lab.gateway.stop("SIGKILL");
    await namespace.nft("delete table inet ipv4_ipv6_gateway\ndelete table ip6 ipv4_ipv6_gateway\n");
    const wanSide = await lab.capture("wan", "without-rules", ["ip6", "net", "fd2c:81a7:464::/48"]);
    expect(await device.ping(lab.wan.internet.ip, 3)).toBe(false);
    await expect(pageAt(client, own6, unlisted, 2)).rejects.toThrow();
    await wanSide.stop();
    expect(await wanSide.lines()).toEqual([]);
  },
  { guardDrops: "allowed" },
);
