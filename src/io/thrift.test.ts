import { expect, test } from "vitest";
import { Thrift } from "./thrift.ts";

/** What is asked of the collector, look by look. */
function asked(shares: readonly number[], worthwhile = true): string[] {
  const calls: string[] = [];
  const thrift = new Thrift({
    saving: (on) => calls.push(on ? "save" : "spend"),
    worthwhile: () => worthwhile,
    collect: () => calls.push("collect"),
  });
  shares.forEach((share, n) => {
    const before = calls.length;
    thrift.look(share);
    for (let i = before; i < calls.length; i++) calls[i] = `${n}: ${calls[i]}`;
  });
  return calls;
}
const times = (count: number, share: number): number[] => Array.from({ length: count }, () => share);

test("collects once it has been calm for long enough, and saves from then on", () => {
  expect(asked(times(30, 0.02))).toEqual(["9: save", "9: collect"]);
});

test("a look at work starts the wait anew, and much work in two looks in a row ends the saving", () => {
  expect(asked([...times(9, 0), 0.2, ...times(10, 0), 0.5, 0.3, 0.5, 0.9, ...times(10, 0)])).toEqual([
    "19: save",
    "19: collect",
    "23: spend",
    "33: save",
    "33: collect",
  ]);
});

test("where little has gathered, it is not collected", () => {
  expect(asked(times(30, 0.02), false)).toEqual(["9: save"]);
});
