/** Datagrams of a flow that goes on take the short way from the LAN port to the router, under the device's own name; what is not simply the next datagram of it takes the whole one. */
import { expect } from "vitest";
import type { Device } from "../devices.ts";
import { scenario } from "../scenario.ts";
import { sendFrames } from "../send-frames.ts";
import { udpDatagram } from "../suites/crafted.ts";
import { identityOf } from "../suites/names.ts";
import {
  addDhcpDevice,
  expectNoDrops,
  network,
  quick,
  registered,
  startGateway,
  waitForLease,
} from "../suites/network.ts";
import { countWholeWays, expectOwnName, serveStreams, stream, streamPort } from "../suites/short-way.ts";
import { datagram, flowPorts, fragments } from "../suites/short-way-frames.ts";
import type { Lab } from "../topology.ts";
import { sleep, waitFor } from "../wait.ts";
import type { WanHost } from "../wan-host.ts";

const fromLan = 'iifname "eth1" meta nfproto ipv4';
const toStream = `udp dst port ${streamPort}`.split(" ");
const tableName = "ipv4_ipv6_gateway_short";

async function begin(lab: Lab, config = quick): Promise<{ device: Device; wanIp: string; far: string }> {
  await startGateway(lab, config);
  const device = await addDhcpDevice(lab, 1);
  await device.waitForIp();
  const wanIp = await waitForLease(lab, device.mac);
  return { device, wanIp, far: await serveStreams(lab) };
}

async function frames(lab: Lab, mac: string): Promise<number> {
  const argv = ["ip", "-s", "-j", "link", "show", "dev", identityOf(mac)];
  const { stdout } = await lab.gateway.namespace.run(argv);
  const [link] = JSON.parse(stdout) as readonly {
    readonly stats64: { readonly tx: { readonly packets: number } };
  }[];
  return link?.stats64.tx.packets ?? 0;
}

const listed = async ({ gateway }: Lab): Promise<string> =>
  (await gateway.namespace.run(["nft", "list", "ruleset"])).stdout;

scenario(
  "datagrams that follow in a flow go the short way under the device's own name, with right checksums; answers come back, and cleanup leaves nothing of it",
  network("dnsmasq"),
  async (lab) => {
    const { device, wanIp, far } = await begin(lab);
    const { namespace } = lab.gateway;
    const whole = await countWholeWays(namespace, fromLan);
    const left = await lab.capture("wan", "up", toStream);
    const before = await frames(lab, device.mac);

    const up = await stream(device.namespace, far);
    expect(up.sent).toBeGreaterThan(5000);
    expect(up.lost).toBeLessThan(up.sent / 100);
    const wholeUp = await whole();
    lab.notes.push(`${wholeUp} of ${up.sent} datagrams went the whole way`);
    // The first, and one every 2 s.
    expect(wholeUp).toBeGreaterThan(1);
    expect(wholeUp).toBeLessThan(up.sent / 20);
    expect((await frames(lab, device.mac)) - before).toBeGreaterThanOrEqual(up.sent - up.lost);

    // Datagrams whose checksum the sender leaves to the wire.
    await device.namespace.run(["ethtool", "-K", "eth0", "tx", "on"]);
    await lab.lan.run(["ethtool", "-K", "gateway", "tx", "on"]);
    const unfinished = await stream(device.namespace, far);
    expect(unfinished.lost).toBeLessThan(unfinished.sent / 100);
    expect(await whole()).toBeLessThan(unfinished.sent / 20);
    await left.stop();
    // A busy tcpdump misses some.
    await expectOwnName(left, { mac: device.mac, ip: wanIp }, up.sent);

    const down = await stream(device.namespace, far, { how: ["-R"] });
    expect(down.lost).toBeLessThan(down.sent / 100);
    await expectNoDrops(lab);

    await lab.gateway.stop();
    expect(await listed(lab)).toContain(tableName);
    expect((await lab.gateway.command(["cleanup"])).code).toBe(0);
    expect(await listed(lab)).not.toContain("ipv4_ipv6_gateway");
  },
);

scenario(
  "fragments, options, the last hop, a class of service and frames for others go no short way, nor does what comes from the WAN",
  network("dnsmasq", { clients: ["dual"] }),
  async (lab) => {
    const { device, wanIp, far } = await begin(lab);
    const whole = await countWholeWays(lab.gateway.namespace, fromLan);
    const flow = { mac: device.mac, source: await device.waitForIp(), destination: far };
    const [left, came] = await Promise.all([
      lab.capture("wan", "odd", ["ip", "src", wanIp]),
      lab.capture("lan", "in", `udp and dst port ${flowPorts.source}`.split(" ")),
    ]);
    await sendFrames(device.namespace, "eth0", datagram(flow, "the first"));
    expect(await whole()).toBe(1);
    await sendFrames(
      device.namespace,
      "eth0",
      datagram(flow, "the next"),
      datagram(flow, "without a checksum", { noChecksum: true }),
    );
    expect(await whole()).toBe(0);
    const odd = [
      datagram(flow, "of a class", { service: 0xb8 }),
      datagram(flow, "with an option", { alert: true }),
      ...fragments(flow, "in fragments, of which each is for itself"),
    ];
    await sendFrames(device.namespace, "eth0", ...odd);
    expect(await whole()).toBe(3);
    await sendFrames(
      device.namespace,
      "eth0",
      datagram(flow, "at its end", { ttl: 1 }),
      datagram(flow, "for another", { to: "00:00:5e:00:53:77" }),
      datagram(flow, "the last"),
    );
    expect(await whole()).toBe(0);

    // While the flow is open: from another host to its very port.
    const [client] = lab.wan.clients as readonly [WanHost];
    const probe = {
      fromMac: "00:00:5e:00:53:e2",
      toMac: device.mac,
      source: client.ip,
      destination: wanIp,
      mark: 20_000,
    };
    await sendFrames(client.namespace, "eth0", udpDatagram(probe, flowPorts.source));
    await sleep(500);
    await Promise.all([left.stop(), came.stop()]);
    expect(await came.lines()).toEqual([]);
    const sent = await left.count(["udp", "and", "dst", "port", String(flowPorts.destination)]);
    lab.notes.push(`${sent} datagrams and fragments left`);
    // Three plain ones, the last, three odd ones of which one is of two fragments without a port in the second.
    expect(sent).toBe(7);
    expect(await left.count("ip[6:2] & 0x1fff != 0".split(" "))).toBe(1);
    expect(await left.count(["udp[6:2]", "=", "0"])).toBe(1);
    await expectNoDrops(lab);
  },
);

scenario(
  "what others mark goes the whole way, and datagrams that the WAN cannot carry whole arrive in fragments",
  network("dnsmasq"),
  async (lab) => {
    const { device, far } = await begin(lab);
    const { namespace } = lab.gateway;
    const whole = await countWholeWays(namespace, fromLan);
    const others = {
      "a class of service": "ip dscp set ef",
      "a mark": "meta mark set 7",
      "a priority": "meta priority set 1:1",
    };
    for (const [what, statement] of Object.entries(others)) {
      await namespace.nft(
        `table ip lab_marks { chain marks { type filter hook postrouting priority 200; meta l4proto udp ${statement} ; }; }`,
      );
      const marked = await stream(device.namespace, far, { seconds: 1 });
      expect([what, (await whole()) >= marked.sent]).toEqual([what, true]);
      await namespace.nft("delete table ip lab_marks\n");
    }
    const free = await stream(device.namespace, far, { seconds: 3 });
    expect(await whole()).toBeLessThan(free.sent / 20);

    await namespace.ip(["link set eth0 mtu 1400"]);
    await lab.gateway.waitFor("the identity follows", async () => {
      const { stdout } = await namespace.run(["ip", "link", "show", "dev", identityOf(device.mac)]);
      return stdout.includes("mtu 1400");
    });
    // What the gateway may fragment itself.
    await device.namespace.sysctl({ "net.ipv4.ip_no_pmtu_disc": 1 });
    const long = await stream(device.namespace, far, { seconds: 4, octets: 1_440 });
    lab.notes.push(`${long.lost} of ${long.sent} long datagrams lost`);
    expect(long.lost).toBeLessThan(long.sent / 50);
    expect(await whole()).toBeGreaterThan(long.sent / 2);
    await expectNoDrops(lab);
  },
);

scenario(
  "a forward by UDP and its answers; a device that is forgotten, and an identity that is taken away, send nothing under a wrong name",
  network("dnsmasq", { clients: ["dual"] }),
  async (lab) => {
    const { device, wanIp, far } = await begin(lab, { ...quick, api: { enabled: true } });
    const { namespace } = lab.gateway;
    const [client] = lab.wan.clients as readonly [WanHost];
    const lanIp = await device.waitForIp();
    device.namespace.start(["busybox", "timeout", "60", "socat", "UDP4-LISTEN:7,fork", "EXEC:cat"]);
    expect((await lab.gateway.command(["port-forward", "add", "9007", lanIp, "7", "--udp"])).code).toBe(0);
    const echo = ["busybox", "timeout", "3", "socat", "-t", "1", "-", `UDP4:${wanIp}:9007`];
    await lab.gateway.waitFor("the forward answers", async () => {
      const { stdout } = await client.namespace.run(echo, { input: "hello", mayFail: true });
      return stdout === "hello";
    });

    const whole = await countWholeWays(namespace, fromLan);
    const left = await lab.capture("wan", "names", toStream);
    const running = stream(device.namespace, far, { seconds: 14 });
    await sleep(2_000);
    await namespace.ip([`link delete ${identityOf(device.mac)}`]);
    await sleep(4_000);
    await whole();
    await sleep(2_000);
    // The identity was made anew, and has another number.
    expect(await whole()).toBeLessThan(200);
    expect((await lab.gateway.command(["forget", device.mac])).code).toBe(0);
    const { sent, lost } = await running;
    lab.notes.push(`${lost} of ${sent} lost while the identity was taken away and the device forgotten`);
    await device.udp(far, 7, "who am I?", 20);
    await waitForLease(lab, device.mac);
    await left.stop();
    await expectOwnName(left, { mac: device.mac, ip: wanIp }, 1_000, [63, 62]);
    await expectNoDrops(lab);
  },
);

scenario(
  "without the short way nothing of it is in the kernel, also when a reload turns it off and on",
  { wan: { dhcp: "dnsmasq", registered: registered(1) } },
  async (lab) => {
    const { device, far } = await begin(lab);
    const whole = await countWholeWays(lab.gateway.namespace, fromLan);
    const reload = async (udp_short_way: boolean): Promise<void> => {
      await lab.gateway.configure({ ...quick, wan: { udp_short_way } });
      const from = lab.gateway.output.length;
      process.kill(lab.gateway.pid, "SIGHUP");
      await lab.gateway.waitForOutput(/Gateway runs/, { from });
    };
    const isThere = async (): Promise<boolean> => (await listed(lab)).includes(tableName);
    expect(await isThere()).toBe(true);
    await reload(false);
    await waitFor("the table is gone", async () => !(await isThere()));
    expect(await listed(lab)).not.toContain("0x7173");
    const off = await stream(device.namespace, far, { seconds: 1 });
    expect(await whole()).toBeGreaterThanOrEqual(off.sent);
    await reload(true);
    await waitFor("the table is there", isThere);
    const on = await stream(device.namespace, far, { seconds: 3 });
    expect(await whole()).toBeLessThan(on.sent / 20);
    await expectNoDrops(lab);
  },
);
