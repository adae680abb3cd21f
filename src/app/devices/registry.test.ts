import fc from "fast-check";
import { expect, test } from "vitest";
import { deviceAt } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { ip4FromNumber } from "../../base/ip4.ts";
import { macFromBytes } from "../../base/mac.ts";
import type { Device } from "./device.ts";
import { Registry } from "./registry.ts";

const clock = new FakeClock();
const deviceOf = (n: number, address: number | undefined): Device =>
  deviceAt(clock, {
    mac: macFromBytes(Uint8Array.of(0, 0, 0, 0, 0, n)),
    ...(address === undefined ? {} : { lanIp: ip4FromNumber(0xc0a80100 + address) }),
  });
const operation = fc.oneof(
  fc.record({
    put: fc.nat(8),
    address: fc.option(fc.nat(6), { nil: undefined }),
  }),
  fc.record({ remove: fc.nat(8) }),
);

test("an address has one holder, and listeners hear of every change", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
      const registry = new Registry();
      const told = new Map<string, Device>();
      registry.listen((now, was) => {
        const key = now?.mac ?? was?.mac ?? "";
        expect(told.get(key)).toBe(was);
        if (now) told.set(key, now);
        else told.delete(key);
      });
      for (const op of operations) {
        if ("put" in op) registry.put(deviceOf(op.put, op.address));
        else registry.remove(deviceOf(op.remove, undefined).mac);
        expect(new Map(registry.all().map((d) => [d.mac, d]))).toEqual(told);
        expect(registry.size).toBe(told.size);
        const held = registry.all().flatMap((d) => d.lanIp ?? []);
        expect(new Set(held).size).toBe(held.length);
        for (let a = 0; a <= 6; a++) {
          const address = ip4FromNumber(0xc0a80100 + a);
          expect(registry.holder(address)).toBe(registry.all().find((d) => d.lanIp === address)?.mac);
        }
      }
    }),
    { numRuns: 500 },
  );
});
