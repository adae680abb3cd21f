import { expect, test } from "vitest";
import { camera, printer } from "../../test/support/devices.ts";
import { benchConfig, GatewayBench } from "../../test/support/gateway-bench.ts";
import { must } from "../base/parsed.ts";
import { minutes, seconds } from "../base/time.ts";
import { parseMacPattern } from "../config/mac-pattern.ts";
import { ip } from "../plan/sample.fixture.ts";

const [lan10, lan11] = [ip("192.168.1.10"), ip("192.168.1.11")];
const [wan10, wan11] = [ip("192.0.2.10"), ip("192.0.2.11")];

/** The camera has a lease; the printer has asked in vain. */
async function running(bench = new GatewayBench()): Promise<GatewayBench> {
  bench.server.addresses.set(camera, wan10);
  await bench.start();
  bench.comes(camera, lan10, "cam");
  bench.comes(printer, lan11);
  await bench.clock.advance(seconds(20));
  bench.server.heard.length = 0;
  bench.kernel.done.length = 0;
  return bench;
}

test("a restart changes nothing in the kernel and begins with INIT-REBOOT", async () => {
  const bench = await running();
  const before = bench.kernel.dump();
  await bench.restart(seconds(30));
  await bench.clock.advance(seconds(10));
  // These are made anew with each whole look.
  expect(bench.kernel.done.filter((text) => !/ipv4_ipv6_gateway_(heard|short)/.test(text))).toEqual([]);
  expect(bench.kernel.dump()).toEqual(before);
  const ofCamera = bench.server.heard.filter((h) => h.includes(camera));
  expect(ofCamera).toEqual([`REQUEST again ${camera} ${wan10}`]);
  expect(bench.server.heard).toContain(`DISCOVER ${printer}`);
  expect(bench.stored()[0]).toBe(`${camera} ${wan10} active`);
});

test("killed, without a word, in the middle of everything: the same", async () => {
  const bench = new GatewayBench();
  bench.server.addresses.set(camera, wan10);
  await bench.start();
  bench.comes(camera, lan10);
  await bench.clock.advance(seconds(2.5));
  const text = bench.stateFile.text;
  const before = bench.kernel.dump();
  // The dead process leaves its last written file and the kernel; whatever it would still have done is undone here.
  await bench.gateway.stop();
  bench.stateFile.text = text;
  expect(bench.kernel.dump()).toEqual(before);
  bench.server.heard.length = 0;
  await bench.restart();
  await bench.clock.advance(seconds(3));
  expect(bench.server.heard).toEqual([`REQUEST again ${camera} ${wan10}`]);
});

test("with the server away the lease is kept until it ends, and asked for from its half on", async () => {
  const bench = await running();
  bench.server.away = true;
  const before = bench.kernel.dump();
  await bench.restart(seconds(1));
  await bench.clock.advance(minutes(20));
  expect(bench.kernel.dump()).toEqual(before);
  await bench.clock.advance(minutes(45));
  expect(bench.kernel.ip.addresses.some((a) => a.ip === wan10)).toBe(false);
  bench.server.away = false;
  await bench.clock.advance(minutes(11));
  expect(bench.kernel.ip.addresses.some((a) => a.ip === wan10)).toBe(true);
});

test("a lease that the network no longer grants is given up at once, and another one taken", async () => {
  const bench = await running();
  bench.server.addresses.set(camera, wan11);
  await bench.restart(seconds(1));
  await bench.clock.advance(seconds(3));
  expect(bench.server.heard.filter((h) => h.includes(camera))).toEqual([
    `REQUEST again ${camera} ${wan10}`,
    `DISCOVER ${camera}`,
    `REQUEST ${camera} ${wan11}`,
  ]);
  const addresses = bench.kernel.ip.addresses.filter((a) => a.dev === "gw001122334451");
  expect(addresses.map((a) => a.ip)).toEqual([wan11]);
});

test("after a night without power nothing is in the kernel, and the leases that last are verified", async () => {
  const bench = await running();
  await bench.gateway.stop();
  const next = new GatewayBench();
  next.server.addresses.set(camera, wan10);
  next.stateFile.text = bench.stateFile.text;
  next.clock.setWall(bench.clock.wall() + minutes(10));
  await next.start();
  await next.clock.advance(seconds(3));
  expect(next.server.heard.filter((h) => h.includes(camera))).toEqual([`REQUEST again ${camera} ${wan10}`]);
  expect(next.kernel.ip.addresses.some((a) => a.ip === wan10)).toBe(true);
});

test("a device denied since then loses what it had", async () => {
  const config = benchConfig();
  const bench = await running(new GatewayBench(config));
  await bench.gateway.stop();
  const denied = benchConfig((c) => ({
    discovery: { ...c.discovery, deny: [must(parseMacPattern(camera))] },
  }));
  const next = new GatewayBench(denied);
  next.stateFile.text = bench.stateFile.text;
  await next.start();
  await next.clock.advance(seconds(3));
  expect(next.gateway.registry.get(camera)?.stage.tag).toBe("refused");
  expect([...next.kernel.ip.links.keys()]).toEqual(["eth0", "eth1", "gw001122334452"]);
  expect(next.server.heard.some((h) => h.includes(camera))).toBe(false);
});

test("without the state file, devices that speak are served anew, and what nobody claims is removed", async () => {
  const bench = await running();
  await bench.gateway.stop();
  bench.stateFile.text = undefined;
  await bench.restart();
  expect([...bench.kernel.ip.links.keys()]).toEqual(["eth0", "eth1"]);
  bench.comes(camera, lan10);
  await bench.clock.advance(seconds(3));
  expect(bench.kernel.ip.addresses.some((a) => a.ip === wan10)).toBe(true);
});
