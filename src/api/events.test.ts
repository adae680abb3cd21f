import { expect, test } from "vitest";
import { FakeClock } from "../../test/support/fake-clock.ts";
import type { Inspection } from "../app/inspection.ts";
import { type Mac, macFromBytes } from "../base/mac.ts";
import { millis, seconds, wallTime } from "../base/time.ts";
import { blankDevice, type StoredDevice } from "../config/state-device.ts";
import { Events, mostListeners, mostOfOne } from "./events.ts";

const macOf = (n: number): Mac => macFromBytes(Uint8Array.of(0, 0, 0x5e, 0, n >> 8, n & 255));

class Scene {
  readonly clock = new FakeClock();
  readonly stored = new Map<Mac, StoredDevice>();
  troubles: string[] = [];
  happens: Parameters<Inspection["onEvent"]>[0] = () => {};
  #listener: (mac: Mac, isGone: boolean) => void = () => {};
  readonly events = new Events({
    clock: this.clock,
    listen: (listener: (mac: Mac, isGone: boolean) => void) => {
      this.#listener = listener;
    },
    onEvent: (listener: Parameters<Inspection["onEvent"]>[0]) => {
      this.happens = listener;
    },
    hostname: (mac: Mac) => this.stored.get(mac)?.hostname ?? null,
    devices: () => [...this.stored.values()],
    device: (mac: Mac) => this.stored.get(mac),
    ports: { lan: { interface: "eth1", state: "up" }, wan: { interface: "eth0", state: "up" } },
    get troubles() {
      return scene.troubles;
    },
  } as unknown as Inspection);

  put(n: number, change: Partial<StoredDevice> = {}): void {
    const mac = macOf(n);
    this.stored.set(mac, { ...(this.stored.get(mac) ?? blankDevice(mac)), ...change });
    this.#listener(mac, false);
  }

  remove(n: number): void {
    this.stored.delete(macOf(n));
    this.#listener(macOf(n), true);
  }
}

let scene: Scene;

/** What a listener has been told so far, as `name` and `name mac status`. */
function hear(from = "192.168.1.20") {
  const stream = scene.events.open(from);
  if (!stream) return undefined;
  const reader = stream.getReader();
  const told: string[] = [];
  const decoder = new TextDecoder();
  const read = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const text = decoder.decode(value);
      const data = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? "{}") as Record<string, unknown>;
      const words = [
        /^event: (.*)$/m.exec(text)?.[1] ?? text.trim(),
        data.mac_address,
        data.status,
        data.problems,
      ];
      told.push(words.filter((w) => w !== undefined).join(" "));
    }
  };
  const ended = read().catch(() => {});
  return { told, ended, cancel: () => reader.cancel() };
}

test("states are told, gathered, and not when only the time of day is other", async () => {
  scene = new Scene();
  scene.put(1);
  const listener = hear();
  scene.put(2);
  scene.put(2, { status: "active" });
  scene.put(1, { last_seen: scene.clock.wall() });
  await scene.clock.advance(millis(300));
  scene.remove(1);
  await scene.clock.advance(millis(300));
  expect(listener?.told).toEqual(["hello ", `device ${macOf(2)} active`, `device-removed ${macOf(1)}`]);
});

test("a device that goes and is back at once has been gone", async () => {
  scene = new Scene();
  scene.put(1);
  const listener = hear();
  scene.remove(1);
  scene.put(1, { status: "pending" });
  await scene.clock.advance(millis(300));
  scene.put(1, { status: "active" });
  await scene.clock.advance(millis(300));
  const [mac, hello] = [macOf(1), "hello "];
  expect(listener?.told).toEqual([
    hello,
    `device-removed ${mac}`,
    `device ${mac} pending`,
    `device ${mac} active`,
  ]);
});

test("whoever comes later takes no news from those who were there", async () => {
  scene = new Scene();
  const first = hear();
  scene.troubles = ["The cable is out."];
  hear();
  await scene.clock.advance(seconds(1));
  expect(first?.told).toEqual(["hello ", "problems The cable is out."]);
});

test("thousands of changes are told to a listener that reads", async () => {
  scene = new Scene();
  const listener = hear();
  for (let n = 0; n < 4000; n++) scene.put(n, { reason: "x".repeat(300) });
  await scene.clock.advance(seconds(5));
  expect(listener?.told).toHaveLength(4001);
});

test("one that does not read is dropped, and what is told to nobody costs nothing", async () => {
  scene = new Scene();
  scene.events.open("192.168.1.20");
  for (let n = 0; n < 4000; n++) scene.put(n, { reason: "x".repeat(600) });
  await scene.clock.advance(seconds(5));
  expect(scene.events.listeners).toBe(0);
  expect(scene.clock.pending).toBe(0);
});

test("so many of one address, so many in all, and the Unix socket always", async () => {
  scene = new Scene();
  const open = (from: string) => scene.events.open(from) !== undefined;
  for (let n = 0; n < mostOfOne; n++) expect(open("192.168.1.20")).toBe(true);
  expect(open("192.168.1.20")).toBe(false);
  for (let n = mostOfOne; n < mostListeners; n++) expect(open(`192.168.1.${n + 30}`)).toBe(true);
  expect([open("192.168.1.99"), open("")]).toEqual([false, true]);
  scene.events.stop();
  expect([scene.events.listeners, open(""), scene.clock.pending]).toEqual([0, false, 0]);
});

test("who asks for it hears what happens to the devices too, and nobody else", async () => {
  scene = new Scene();
  scene.put(1, { hostname: "camera" });
  const told = async (timeline: boolean): Promise<string[]> => {
    const reader = scene.events.open("", timeline)?.getReader();
    scene.happens(macOf(1), { at: wallTime(0), kind: "obtained", family: "ipv4", detail: "x", count: 1 });
    await scene.clock.advance(millis(250));
    scene.put(1, { hostname: `camera ${timeline}` });
    await scene.clock.advance(millis(250));
    const texts: string[] = [];
    while (!texts.at(-1)?.startsWith("event: device\n"))
      texts.push(new TextDecoder().decode((await reader?.read())?.value));
    await reader?.cancel();
    return texts;
  };
  expect((await told(true))[1]).toBe(
    `event: timeline\ndata: ${JSON.stringify({ at: "1970-01-01T00:00:00.000Z", kind: "obtained", family: "ipv4", detail: "x", count: 1, mac_address: "00:00:5e:00:00:01", hostname: "camera" })}\n\n`,
  );
  expect((await told(false)).filter((text) => text.includes("timeline"))).toEqual([]);
});
