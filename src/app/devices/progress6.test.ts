import { expect, test } from "vitest";
import { admitted, camera, deviceAt, lease6At } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import type { Device, OwnAddress6 } from "./device.ts";
import { Progress } from "./progress.ts";
import { Registry } from "./registry.ts";

class Scene {
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  readonly registry = new Registry();
  lacking = true;
  readonly progress = new Progress(
    this.registry,
    this.log,
    () => this.clock.now(),
    () => this.lacking,
  );
  readonly lease = lease6At(this.clock.now());

  constructor() {
    this.registry.put(deviceAt(this.clock, admitted()));
  }
  get device(): Device {
    return this.registry.get(camera) ?? deviceAt(this.clock);
  }
}

const at = (ip: string, state: OwnAddress6["state"] = "usable"): OwnAddress6 => ({
  ip: must(parseIp6(ip)),
  origin: "slaac",
  state,
});

test("addresses come, change and go; each change is told once", () => {
  const { progress, log, ...scene } = new Scene();
  progress.found6(camera, [at("2001:db8:1::1", "tentative")], true, "answered");
  expect(scene.registry.get(camera)?.ipv6.installed).toBe(false);
  progress.found6(camera, [at("2001:db8:1::1")], false, "answered");
  expect(scene.registry.get(camera)?.ipv6.installed).toBe(false);
  progress.found6(camera, [at("2001:db8:1::1")], true, "answered");
  progress.found6(camera, [at("2001:db8:1::1")], true, "answered");
  progress.found6(camera, [at("2001:db8:1::1"), at("2001:db8:2::1")], true, "answered");
  progress.found6(camera, [at("2001:db8:2::1")], true, "answered");
  progress.found6(camera, [], true, "answered");
  expect(log.take().map((line) => line.replace(/^(\w+) Device 00:11:22:33:44:51 /, "$1: "))).toEqual([
    "info: configured: WAN IPv6 2001:db8:1::1 on gw001122334451",
    "info: configured: WAN IPv6 2001:db8:2::1 on gw001122334451",
    "info: has left WAN IPv6 2001:db8:1::1",
    "warn: has no IPv6 address any more",
  ]);
});

test("a lease and what servers say besides come and go together", () => {
  const scene = new Scene();
  const information = { dnsServers: [], domainSearch: [], ntpServers: [] };
  scene.progress.configure6(camera, scene.lease);
  scene.progress.information6(camera, information);
  expect(scene.device.ipv6).toMatchObject({ dhcp: { tag: "leased" }, information });
  scene.progress.deconfigure6(camera);
  expect(scene.device.ipv6.dhcp).toEqual({ tag: "idle" });
  expect(scene.device.ipv6.information).toBeUndefined();
});

test("on a network without DHCPv6 its silence is no error of a device that works", () => {
  const scene = new Scene();
  scene.progress.found6(camera, [at("2001:db8:1::1")], true, "answered");
  scene.log.take();
  const requesting = { kind: "requesting", attempt: 1, of: 1, how: "solicit" } as const;
  scene.progress.event6(camera, requesting);
  expect(scene.device.ipv6.dhcp).toEqual({ tag: "asking", attempt: 1, of: 1 });
  scene.progress.event6(camera, { kind: "attempt-failed", attempt: 1, of: 1, reason: "no answer" });
  scene.progress.event6(camera, { kind: "failed", reason: "no answer" });
  scene.progress.event6(camera, { ...requesting, attempt: 2 });
  scene.progress.event6(camera, { kind: "failed", reason: "no answer" });
  expect(scene.device.ipv6.dhcp).toEqual({ tag: "failed", reason: "no answer" });
  expect(scene.log.take().filter((line) => !line.startsWith("debug"))).toEqual([
    "info DHCPv6 requested for 00:11:22:33:44:51 (attempt 1/1)",
    "info Device 00:11:22:33:44:51 works without DHCPv6, which this network does not offer",
  ]);
});

test("where others have it, it is an error", () => {
  const scene = new Scene();
  scene.lacking = false;
  scene.progress.event6(camera, { kind: "failed", reason: "no answer" });
  expect(scene.log.take()).toEqual(["error Device 00:11:22:33:44:51 failed: no answer"]);
});

test("an address that nothing comes back to does not work, and the router is named once", () => {
  const scene = new Scene();
  const { progress, registry } = scene;
  const own = [at("2001:db8:1::1")];
  progress.found6(camera, own, true, "open");
  expect(registry.get(camera)?.ipv6.installed).toBe(false);
  const silent = must(parseIp6("fe80::1"));
  progress.found6(camera, own, true, { silent });
  progress.found6(camera, own, true, { silent });
  expect(registry.get(camera)?.ipv6).toMatchObject({ installed: false, silentRouter: silent });
  progress.found6(camera, own, true, "answered");
  expect(registry.get(camera)?.ipv6.installed).toBe(true);
  expect(registry.get(camera)?.ipv6).not.toHaveProperty("silentRouter");
});
