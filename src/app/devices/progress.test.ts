import { expect, test } from "vitest";
import { admitted, camera, deviceAt, leaseAt } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { minutes, never, plus } from "../../base/time.ts";
import { ip, mac } from "../../plan/sample.fixture.ts";
import type { Device } from "./device.ts";
import { Progress } from "./progress.ts";
import { Registry } from "./registry.ts";
import { reasonOf, statusOf } from "./status.ts";

class Scene {
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  readonly registry = new Registry();
  readonly progress = new Progress(
    this.registry,
    this.log,
    () => this.clock.now(),
    () => false,
    undefined,
    () => this.clock.wall(),
  );
  readonly lease = leaseAt(this.clock.now());

  constructor() {
    const lanIp = ip("192.168.1.50");
    this.registry.put(deviceAt(this.clock, { lanIp, ...admitted() }));
  }
  get device(): Device {
    return this.registry.get(camera) ?? deviceAt(this.clock);
  }
  get shown(): string {
    const reason = reasonOf(this.device);
    return `${statusOf(this.device, this.clock.now(), minutes(5))}${reason ? `: ${reason}` : ""}`;
  }
  requesting(attempt: number, of = 3): void {
    this.progress.event(camera, { kind: "requesting", attempt, of, how: "discover" });
  }
}

test("a network that prefers IPv6 only: said with the end of the wait, and over as soon as the device asks again", () => {
  const scene = new Scene();
  const { progress, clock, lease, log } = scene;
  progress.configure(camera, lease);
  progress.deconfigure(camera, lease.address);
  progress.event(camera, { kind: "resting", until: plus(clock.now(), minutes(30)) });
  const rests =
    "pending: the network prefers IPv6 only (RFC 8925), DHCPv4 rests until 2026-01-01 00:30:00 UTC";
  expect(scene.shown).toBe(rests);
  expect(log.take().at(-1)).toContain(`DHCPv4 rests for ${camera}: the network prefers IPv6 only (RFC 8925)`);
  scene.requesting(1);
  expect(scene.shown).toBe("discovering");
});

test("the flow of a device that comes up at the second attempt", () => {
  const scene = new Scene();
  const { progress, lease } = scene;
  const shown = [scene.shown];
  const show = () => shown.push(scene.shown);
  scene.requesting(1);
  show();
  progress.event(camera, { kind: "attempt-failed", attempt: 1, of: 3, reason: "no answer to DHCP" });
  scene.requesting(2);
  show();
  progress.configure(camera, lease);
  show();
  progress.event(camera, { kind: "obtained", lease, how: "discover" });
  progress.installed(scene.device);
  progress.installed(scene.device);
  show();
  scene.clock.pass(minutes(6));
  show();
  expect(shown).toEqual([
    "pending",
    "discovering",
    "discovering: attempt 2 of 3",
    "discovering",
    "active",
    "inactive",
  ]);
  expect(scene.log.take()).toEqual([
    `info DHCPv4 requested for ${camera} (attempt 1/3)`,
    `warn DHCPv4 attempt 1/3 failed for ${camera}: no answer to DHCP`,
    `info DHCPv4 requested for ${camera} (attempt 2/3)`,
    `info DHCPv4 obtained for ${camera}: 192.0.2.10`,
    `info Device ${camera} configured: WAN IPv4 192.0.2.10 on gw001122334451`,
  ]);
});

test("a renewal keeps the device installed, another address does not", () => {
  const scene = new Scene();
  const { progress, lease } = scene;
  progress.configure(camera, lease);
  progress.installed(scene.device);
  progress.configure(camera, { ...lease, expiresAt: never });
  expect(scene.shown).toBe("active");
  progress.configure(camera, { ...lease, address: ip("192.0.2.11") });
  expect(scene.shown).toBe("discovering");
});

test("an address that is gone leaves the device waiting, another's news do not", () => {
  const scene = new Scene();
  scene.progress.configure(camera, scene.lease);
  scene.progress.deconfigure(camera, ip("192.0.2.99"));
  expect(scene.device.ipv4.dhcp.tag).toBe("leased");
  scene.progress.deconfigure(camera, scene.lease.address);
  expect(scene.device.ipv4).toEqual({ dhcp: { tag: "idle" }, installed: false });
  const before = scene.registry.all();
  scene.progress.configure(mac("00:11:22:33:44:99"), scene.lease);
  expect(scene.registry.all()).toEqual(before);
});

test("a failed device says so once, and its slow attempts do not make it look otherwise", () => {
  const scene = new Scene();
  const { progress } = scene;
  const reason = "no answer to DHCP: is this MAC registered?";
  progress.event(camera, { kind: "failed", reason });
  expect(scene.log.take()).toEqual([`error Device ${camera} failed: ${reason}`]);
  for (let n = 0; n < 3; n++) {
    scene.requesting(1, 1);
    progress.event(camera, { kind: "attempt-failed", attempt: 1, of: 1, reason });
    progress.event(camera, { kind: "failed", reason });
    expect(scene.shown).toBe(`failed: ${reason}`);
  }
  expect(scene.log.take()).toEqual([]);
  progress.event(camera, { kind: "failed", reason: "server refused" });
  expect(scene.shown).toBe("failed: server refused");
  progress.configure(camera, scene.lease);
  progress.event(camera, { kind: "obtained", lease: scene.lease, how: "discover" });
  progress.installed(scene.device);
  expect(scene.shown).toBe("active");
});

test("a lease without a LAN address is shown with what is missing", () => {
  const scene = new Scene();
  const { lanIp: _lanIp, ...rest } = scene.device;
  scene.registry.put(rest);
  scene.progress.configure(camera, scene.lease);
  scene.progress.installed(scene.device);
  expect(scene.shown).toBe("active: its LAN address is not known yet");
});
