import { expect, test } from "vitest";
import { parseIp4 } from "../../base/ip4.ts";
import { parseMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { instant, wallTime } from "../../base/time.ts";
import { blank, type Device } from "./device.ts";
import { Registry } from "./registry.ts";
import { Timeline } from "./timeline.ts";

const camera = must(parseMac("00:00:5e:00:53:01"));
const device: Device = {
  mac: camera,
  lanIp: must(parseIp4("192.168.1.20")),
  fingerprint: {},
  discoveredAt: wallTime(0),
  lastSeen: wallTime(0),
  lastSeenAt: instant(0),
  stage: { tag: "pending" },
  ...blank,
};

function scene() {
  const registry = new Registry();
  let now = 0;
  const timeline = new Timeline(registry, () => wallTime(now++));
  const told = () => timeline.of(camera).map((e) => `${e.at} ${e.kind} ${e.family} ${e.detail} x${e.count}`);
  return { registry, timeline, told };
}

test("what happens to a device, in order; what is said again is counted", () => {
  const { registry, timeline, told } = scene();
  registry.put(device);
  timeline.event4(camera, { kind: "requesting", attempt: 1, of: 10, how: "discover" });
  for (let i = 0; i < 3; i++) timeline.event4(camera, { kind: "failed", reason: "no answer" });
  timeline.event6(camera, { kind: "failed", reason: "no answer" });
  expect(told()).toEqual([
    "0 seen null 192.168.1.20 x1",
    "1 requesting ipv4 attempt 1 of 10 x1",
    "4 failed ipv4 no answer x3",
    "5 failed ipv6 no answer x1",
  ]);
});

test("that the network prefers IPv6 only stands there with its reason", () => {
  const { registry, timeline, told } = scene();
  registry.put(device);
  timeline.event4(camera, { kind: "resting", until: instant(0) });
  expect(told().at(-1)).toBe("1 resting ipv4 the network prefers IPv6 only (RFC 8925) x1");
});

test("a refused device, and one that is pardoned", () => {
  const { registry, told } = scene();
  registry.put({ ...device, stage: { tag: "refused", reason: "denied" } });
  registry.put({ ...device, stage: { tag: "refused", reason: "denied" } });
  registry.put({ ...device, ipv6: { ...blank.ipv6, installed: true } });
  expect(told()).toEqual([
    "0 seen null 192.168.1.20 x1",
    "1 refused null denied x1",
    "2 configured ipv6  x1",
  ]);
});

test("only the last fifty are kept, and nothing of a device that is forgotten", () => {
  const { registry, timeline, told } = scene();
  registry.put(device);
  for (let i = 0; i < 100; i++)
    timeline.event4(camera, { kind: "requesting", attempt: i, of: 100, how: "discover" });
  expect(told()).toHaveLength(50);
  expect(told().at(-1)).toContain("attempt 99 of 100");
  registry.remove(camera);
  timeline.event4(camera, { kind: "released", address: must(parseIp4("198.51.100.9")) });
  expect(told()).toEqual([]);
});

test("the last of all devices, in the order in which they happened", () => {
  const { registry, timeline } = scene();
  const printer = must(parseMac("00:00:5e:00:53:02"));
  registry.put(device);
  registry.put({ ...device, mac: printer });
  for (const mac of [camera, printer, camera]) timeline.event4(mac, { kind: "failed", reason: "no answer" });
  const told = (limit: number) =>
    timeline.recent(limit).map(({ mac, entry }) => `${entry.at} ${mac === camera ? "camera" : "printer"}`);
  expect(told(3)).toEqual(["1 printer", "3 printer", "4 camera"]);
  expect(told(100)).toEqual(["0 camera", "1 printer", "3 printer", "4 camera"]);
});
