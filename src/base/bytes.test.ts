import { expect, test } from "vitest";
import { ByteWriter } from "./bytes.ts";

test("writers that are at work at the same time have nothing in common, nor with what an earlier one left", () => {
  new ByteWriter().raw(new Uint8Array(300).fill(9)).done();
  const outer = new ByteWriter().u16(0x0102);
  const inner = new ByteWriter().u32(0x03040506).done();
  expect([...outer.zeros(3).raw(inner).done()]).toEqual([1, 2, 0, 0, 0, 3, 4, 5, 6]);
});

test("what is written after the end does not change what was handed out, nor another writer's", () => {
  const writer = new ByteWriter().u8(1);
  const first = writer.done();
  const other = new ByteWriter().u8(7);
  const second = writer.u8(2).done();
  expect([[...first], [...second], [...other.done()]]).toEqual([[1], [1, 2], [7]]);
});

test("it grows as far as need be", () => {
  const long = new Uint8Array(5000).map((_, n) => n);
  expect(new ByteWriter().u8(0).raw(long).done()).toEqual(Uint8Array.of(0, ...long));
});
