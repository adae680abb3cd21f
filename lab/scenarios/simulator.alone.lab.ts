import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { nextMac } from "../simulator/protocol.ts";
import { startLanServer } from "../stand-in.ts";

const firstMac = "00:16:3e:00:00:01";

scenario(
  "a thousand simulated devices lease, answer ARP and talk",
  { lan: { subnet: "10.20.0.0/16" } },
  async (lab) => {
    await startLanServer(lab);
    await lab.gateway.namespace.sysctl({ "net.ipv4.neigh.default.gc_thresh3": 8192 }).catch(() => {});
    const simulator = await lab.addSimulator();
    await simulator.start({
      count: 1000,
      firstMac,
      addressing: { kind: "dhcp" },
      hostName: "sim",
      perSecond: 500,
    });
    const stats = await simulator.waitForAll();
    expect(stats).toMatchObject({ devices: 1000, bound: 1000, acks: 1000 });
    const devices = await simulator.ask({ command: "devices" });
    expect(new Set(devices.map(({ ip }) => ip)).size).toBe(1000);
    expect(devices[999]).toMatchObject({
      mac: nextMac(firstMac, 999),
      hostName: "sim1000",
      router: "10.20.0.1",
    });
    const some = devices.slice(0, 200).map(({ mac }) => mac);
    const pings = await simulator.traffic({ kind: "ping", to: "10.20.0.1", from: some, count: 3 });
    expect(pings).toEqual({ sent: 600, answered: 600, missing: [] });
    const ip = devices[700]?.ip ?? "";
    const { stdout } = await lab.gateway.namespace.run(["ping", "-c", "3", "-i", "0.2", "-W", "1", ip]);
    expect(stdout).toMatch(/ 0% packet loss/);
    expect((await simulator.stats()).echoesAnswered).toBe(3);
    const [neighbour] = (await lab.gateway.namespace.ipJson(["neigh", "show", ip])) as readonly {
      lladdr: string;
    }[];
    expect(neighbour?.lladdr).toBe(nextMac(firstMac, 700));
  },
);

scenario("static simulated devices announce themselves, talk over UDP and leave", {}, async (lab) => {
  await lab.gateway.namespace.ip(["addr add 192.168.1.1/24 dev eth1"]);
  const echo = await lab.addDevice({
    name: "echo",
    mac: "00:00:5e:00:53:07",
    address: { ip: "192.168.1.5/24" },
    services: { udpEcho: [7] },
  });
  const lan = lab.captures.get("lan");
  const simulator = await lab.addSimulator();
  const addressing = { kind: "static", firstIp: "192.168.1.50", router: "192.168.1.5" } as const;
  await simulator.start({ count: 100, firstMac, addressing });
  const talk = await simulator.traffic({ kind: "udp", to: "192.168.1.5", count: 2 });
  expect(talk).toEqual({ sent: 200, answered: 200, missing: [] });
  expect(new Set(echo.services?.requests().map(({ from }) => from)).size).toBe(100);
  expect(await simulator.ask({ command: "remove", macs: [firstMac] })).toMatchObject({ devices: 99 });
  const ping = ["ping", "-c", "1", "-W", "1", "192.168.1.50"];
  expect((await lab.gateway.namespace.run(ping, { mayFail: true })).code).not.toBe(0);
  await lan?.stop();
  // An announcement names its own address as sender and target (RFC 5227 section 2.3).
  const announced = (await lan?.lines(["arp"]))?.filter((line) => /who-has ([\d.]+).* tell \1,/.test(line));
  expect(announced?.length).toBe(100);
});
