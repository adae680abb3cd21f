import { writeFile } from "node:fs/promises";
import { expect } from "vitest";
import { deviceMac, standardMacs } from "../description.ts";
import { gatewayCommand } from "../gateway.ts";
import { diffKernelStates } from "../kernel-state.ts";
import { connect } from "../netns.ts";
import { scenario } from "../scenario.ts";
import { identityOf } from "../suites/names.ts";
import {
  addDhcpDevice,
  expectReachesInternet,
  network,
  quick,
  startGateway,
  waitForLease,
} from "../suites/network.ts";
import type { Lab } from "../topology.ts";

scenario(
  "cleanup without daemon and state file leaves the kernel as it was",
  network("dnsmasq"),
  async (lab) => {
    // Another firewall's table and a rule of somebody else stand beside ours.
    await lab.gateway.namespace.nft(
      "table inet fw4 {\n  chain input {\n    type filter hook input priority 0; policy accept;\n  }\n}\n",
    );
    await lab.gateway.namespace.ip([
      "rule add pref 15000 from 10.9.9.9 lookup main",
      "route add 10.9.9.0/24 dev lo",
    ]);
    const before = await lab.gateway.kernelState();
    await startGateway(lab);
    const device = await addDhcpDevice(lab, 1);
    const ip = await waitForLease(lab, device.mac);
    await expectReachesInternet(lab, device, ip);
    const during = diffKernelStates(before, await lab.gateway.kernelState());
    expect(during.length).toBeGreaterThan(20);
    await lab.gateway.stop("SIGKILL");
    await lab.gateway.removeState();
    const orphans = (await lab.gateway.kernelState()).processes.filter((line) => line.includes("dnsmasq"));
    expect(orphans).toHaveLength(1);
    const { code, stdout } = await lab.gateway.command(["cleanup"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/identit/);
    expect(diffKernelStates(before, await lab.gateway.kernelState())).toEqual([]);
    const again = await lab.gateway.command(["cleanup"]);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/nothing/i);
  },
);

scenario(
  "what others break in the kernel is mended",
  network("dnsmasq"),
  async (lab) => {
    await startGateway(lab);
    const device = await addDhcpDevice(lab, 1);
    const ip = await waitForLease(lab, device.mac);
    await expectReachesInternet(lab, device, ip);
    const { namespace } = lab.gateway;
    const damages: readonly (readonly [what: string, breakIt: () => Promise<unknown>])[] = [
      ["our table is deleted", () => namespace.nft("delete table inet ipv4_ipv6_gateway\n")],
      ["a chain is emptied", () => namespace.nft("flush chain inet ipv4_ipv6_gateway postrouting\n")],
      ["an identity is deleted", () => namespace.ip([`link delete ${identityOf(device.mac)}`])],
      ["an address is deleted", () => namespace.ip([`addr delete ${ip}/24 dev ${identityOf(device.mac)}`])],
      ["a rule is deleted", () => namespace.ip(["rule delete pref 10001"])],
      ["forwarding is off", () => namespace.sysctl({ "net.ipv4.ip_forward": 0 })],
    ];
    for (const [what, breakIt] of damages) {
      await breakIt();
      await lab.gateway.waitFor(`${what}: mended`, () => device.ping(lab.wan.internet.ip), {
        timeoutMs: 75_000,
        everyMs: 500,
      });
    }
    expect(await waitForLease(lab, device.mac)).toBe(ip);
  },
  // Without our table the device's LAN address leaves untranslated.
  { guardDrops: "allowed" },
);

scenario(
  "nothing of the gateway answers on the WAN, and nothing leaves under a wrong name",
  network("dnsmasq"),
  async (lab) => {
    await startGateway(lab, { ...quick, forwards: { auto: false } });
    const device = await addDhcpDevice(lab, 1);
    const ip = await waitForLease(lab, device.mac);
    await lab.gateway.namespace.start(["busybox", "httpd", "-f", "-p", "80", "-h", "/tmp"]);
    const client = lab.wan.clients[0];
    const open = await client?.namespace.run(["curl", "-sS", "--max-time", "2", `http://${ip}/`], {
      mayFail: true,
    });
    expect(open?.code).toBe(28);
    const lanIp = await device.waitForIp();
    await client?.namespace.ip([`route add 192.168.1.0/24 via ${ip}`, `route add 192.0.2.0/24 via ${ip}`]);
    const answers = await lab.capture("wan", "unasked", ["ip", "and", "ether", "src", device.mac]);
    const unasked = [[ip], [lanIp], ["192.168.1.1"], ["-t", "1", lanIp], ["192.0.2.1"]];
    for (const to of unasked) {
      const ping = ["ping", "-n", "-c", "1", "-W", "1", ...to];
      expect((await client?.namespace.run(ping, { mayFail: true }))?.code).toBe(1);
    }
    await answers.stop();
    // No echo, and no ICMP error that would tell that a router is here.
    expect(await answers.lines(["host", client?.ip ?? ""])).toEqual([]);
    const { seen, guardedSources } = await lab.wan.firewall.counters();
    expect([...seen.keys()]).toEqual([device.mac]);
    expect(guardedSources).toEqual([]);
  },
);

const wrong: readonly (readonly [name: string, toml: string, message: RegExp])[] = [
  ["an unknown key", "[lan]\ninterfaec = 'eth1'\n", /lan\.interfaec/],
  ["a bad address", "[lan]\naddress = '192.168.1.300/24'\n", /lan\.address.*192\.168\.1\.300/],
  ["a missing interface", "[wan]\ninterface = 'nope0'\n", /wan\.interface.*nope0.*eth0/s],
  ["LAN and WAN the same", "[lan]\ninterface = 'eth0'\n[wan]\ninterface = 'eth0'\n", /eth0/],
  ["port 0", "[api]\nport = 0\n", /api\.port.*0/],
  ["a value of the wrong kind", "[dhcpv4]\nretries = 'many'\n", /dhcpv4\.retries.*many/],
  ["broken TOML", "[lan\n", /line 1/i],
];

scenario(
  "wrong configuration is refused with exit code 2, and the kernel is not touched",
  {},
  async (lab) => {
    await lab.gateway.configure();
    const before = await lab.gateway.kernelState();
    for (const [name, toml, message] of wrong) {
      await writeFile(lab.gateway.configFile, toml);
      const { code, stderr } = await lab.gateway.command(["run"]);
      expect(`${name}: ${code}`).toBe(`${name}: 2`);
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/at .*\.js:\d+/);
    }
    expect(diffKernelStates(before, await lab.gateway.kernelState())).toEqual([]);
  },
);

scenario(
  "a device that never pauses talks on when its WAN address changes",
  network("kea", { dhcpOptions: { leaseSeconds: 12 } }),
  async (lab) => {
    await startGateway(lab);
    const device = await addDhcpDevice(lab, 1);
    const ip = await waitForLease(lab, device.mac);
    await expectReachesInternet(lab, device, ip);
    // One socket from beginning to end: to the kernel all of it is one connection.
    const echoes = device.udp(lab.wan.internet.ip, 7, "still here", 300);
    const pool = { poolStart: "198.51.100.150", poolEnd: "198.51.100.199" };
    await lab.wan.dhcp?.restart(pool, { forgetLeases: true });
    await lab.gateway.waitFor(
      "another address",
      async () => (await waitForLease(lab, device.mac, 1_000)) !== ip,
      { timeoutMs: 20_000 },
    );
    expect((await echoes).length).toBeGreaterThan(200);
  },
);

scenario("ports that go and come back are used again", network("dnsmasq"), async (lab) => {
  await startGateway(lab);
  const { namespace } = lab.gateway;
  const first = await addDhcpDevice(lab, 1);
  await waitForLease(lab, first.mac);
  const plug = { ifname: "gateway", bridge: "br0" };
  const ports = [
    { ifname: "eth1", mac: standardMacs.gatewayLan, to: lab.lan },
    { ifname: "eth0", mac: standardMacs.gatewayWan, to: lab.wan.firewall.namespace },
  ];
  for (const [n, { ifname, mac, to }] of ports.entries()) {
    await namespace.ip([`link delete ${ifname}`]);
    await lab.gateway.waitForOutput(new RegExp(`${ifname} is gone`));
    await connect({ namespace, ifname, mac }, { namespace: to, ...plug });
    const next = await addDhcpDevice(lab, n + 2);
    await expectReachesInternet(lab, next, await waitForLease(lab, next.mac, 40_000));
    await lab.gateway.waitFor("the first device goes on", () => first.ping(lab.wan.internet.ip));
  }
});

scenario("a host that has no IPv6 on its loopback interface is served", network("dnsmasq"), async (lab) => {
  await lab.gateway.namespace.sysctl({ "net.ipv6.conf.lo.disable_ipv6": 1 });
  await startGateway(lab);
  const device = await addDhcpDevice(lab, 1);
  await expectReachesInternet(lab, device, await waitForLease(lab, device.mac));
  await lab.gateway.stop();
  expect(await lab.gateway.command(["cleanup"])).toMatchObject({ code: 0, stderr: "" });
});

scenario("a reader of the output that leaves early is no failure", {}, async (lab) => {
  await lab.gateway.configure();
  const argv = ["sh", "-c", '"$@" | true', "-", ...gatewayCommand, "config", "schema"];
  argv.push("--config", lab.gateway.configFile);
  expect(await lab.gateway.namespace.run(argv)).toEqual({ code: 0, stdout: "", stderr: "" });
});

scenario("a second gateway in the same place is refused", network("dnsmasq"), async (lab) => {
  await startGateway(lab);
  const { code, stderr } = await lab.gateway.command(["run"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/already/);
});

scenario("a damaged state file is set aside and the backup used", network("dnsmasq"), async (lab) => {
  await startGateway(lab);
  const device = await addDhcpDevice(lab, 1);
  const ip = await waitForLease(lab, device.mac);
  await lab.gateway.stop();
  await startAgain(lab);
  expect(await waitForLease(lab, device.mac)).toBe(ip);
  // Nothing of what it restored keeps it from ending in good order.
  expect(await lab.gateway.stop("SIGTERM", 5_000)).toMatchObject({ code: 0 });
  await writeFile(lab.gateway.stateFile, '{ "version": 1, "devices": { "00:00');
  const from = lab.gateway.output.length;
  await startAgain(lab);
  expect(lab.gateway.output.slice(from).join("\n")).toMatch(/damaged/);
  expect(await waitForLease(lab, deviceMac(1))).toBe(ip);
});

async function startAgain(lab: Lab): Promise<void> {
  const from = lab.gateway.output.length;
  lab.gateway.start();
  await lab.gateway.waitForOutput(/Gateway runs/, { from });
}
