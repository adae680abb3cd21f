import { expect, test } from "vitest";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { WanPort } from "./wan-port.ts";

class Scene {
  readonly log = new MemoryLog();
  readonly told: string[] = [];
  shown: unknown = [];
  readonly port = new WanPort({
    kernel: {
      ipJson: async () => {
        if (this.shown instanceof Error) throw this.shown;
        return this.shown;
      },
    } as unknown as Kernel,
    log: this.log,
    wanPort: "eth0",
    onCarrier: (carrier) => this.told.push(`carrier ${carrier}`),
    onAddresses: (now, was) => this.told.push(`${was} -> ${now}`),
  });

  async look(flags: readonly string[], ...addresses: readonly string[]): Promise<string[]> {
    const addr_info = addresses.map((text) => {
      const [local, prefixlen] = text.split("/");
      return { local, prefixlen: Number(prefixlen), scope: text.startsWith("fe80") ? "link" : "global" };
    });
    this.shown = [{ flags, addr_info }];
    await this.port.look();
    return this.told.splice(0);
  }
}

test("a carrier that comes and goes is told once, by a look or by an event", async () => {
  const scene = new Scene();
  expect(await scene.look(["UP", "LOWER_UP"])).toEqual([]);
  scene.port.setCarrier(false);
  expect(await scene.look(["UP"])).toEqual(["carrier false"]);
  // The cable is back, but the kernel does not send yet, or the port waits for 802.1X.
  expect(await scene.look(["NO-CARRIER", "UP", "LOWER_UP"])).toEqual([]);
  expect(await scene.look(["UP", "LOWER_UP"])).toEqual(["carrier true"]);
  // About to be set up: no change of the network.
  expect(await scene.look(["BROADCAST"])).toEqual([]);
});

test("addresses are compared from the first look on, link-local ones left out", async () => {
  const scene = new Scene();
  expect(await scene.look(["UP", "LOWER_UP"], "192.0.2.9/24", "fe80::9/64")).toEqual([]);
  expect(await scene.look(["UP", "LOWER_UP"], "fe80::8/64", "192.0.2.9/24")).toEqual([]);
  expect(await scene.look(["UP", "LOWER_UP"], "2001:db8::9/64")).toEqual(["192.0.2.9/24 -> 2001:db8::9/64"]);
});

test("a look that fails changes nothing", async () => {
  const scene = new Scene();
  scene.shown = new Error("no such device");
  await scene.port.look();
  expect([scene.told, scene.port.carrier]).toEqual([[], true]);
});
