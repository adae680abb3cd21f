import { expect, test } from "vitest";
import { FakeClock, settle } from "../../../test/support/fake-clock.ts";
import { FakeKernel } from "../../../test/support/fake-kernel.ts";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { networkOf } from "../../base/cidr4.ts";
import { seconds } from "../../base/time.ts";
import { ip, net6 } from "../../plan/sample.fixture.ts";
import type { Processes } from "../../ports/processes.ts";
import { Tayga } from "./tayga.ts";

const settings = { lan: networkOf(ip("192.168.1.1"), 24), nat64: net6("2001:db8:64::/96") };

async function bench() {
  const kernel = new FakeKernel();
  const clock = new FakeClock();
  const at: { processor: number | undefined } = { processor: undefined };
  const log = new MemoryLog();
  /** Who could go on with what arrived when tayga was started. */
  const starts: (readonly string[])[] = [];
  const processes = {
    async supervise() {
      starts.push([...kernel.spread.keys()]);
      return { pid: 1, reload() {}, async stop() {}, leave() {} };
    },
    processorOf: () => at.processor,
  } as Partial<Processes> as Processes;
  const files = new MemoryFiles();
  await files.makeDirectory("/run/gw");
  const told: (string | undefined)[] = [];
  const tayga = new Tayga({
    ...{ clock, kernel, log, processes, files, runtimeDirectory: "/run/gw" },
    onTrouble: (sentence) => void told.push(sentence),
  });
  const addInterface = (): void =>
    kernel.ip.addLink({
      ...{ ifname: "xlat464", mac: "", up: true, mtu: 1500, group: "7171", carrier: true, kind: "veth" },
    });
  return { at, clock, tayga, addInterface, kernel, starts, log, told };
}

test("all processors go on with what tayga translated before it is started", async () => {
  const { tayga, addInterface, kernel, starts, told } = await bench();
  addInterface();
  await tayga.run(settings, 1500);
  expect([starts, told]).toEqual([[["xlat464"]], []]);
  // Somebody removed it, and it was made anew.
  kernel.spread.clear();
  await tayga.run(settings, 1500);
  expect([starts.length, [...kernel.spread.keys()]]).toEqual([1, ["xlat464"]]);
});

test("where that may not be, tayga runs all the same, and the log has the reason", async () => {
  const { tayga, starts, log, told } = await bench();
  await tayga.run(settings, 1500);
  expect([starts, told]).toEqual([[[]], []]);
  expect(log.entries.map(({ message }) => message)).toContain(
    "464XLAT: one processor does the work behind tayga: there is no xlat464",
  );
});

test("the processor on which tayga is goes on with nothing, wherever that is moved to", async () => {
  const { at, clock, tayga, addInterface, kernel } = await bench();
  addInterface();
  await tayga.run(settings, 1500);
  expect(kernel.spread.get("xlat464")).toBeUndefined();
  const seen: (number | undefined)[] = [];
  for (const processor of [1, 0, undefined, 3]) {
    at.processor = processor;
    await clock.advance(seconds(1));
    await settle();
    seen.push(kernel.spread.get("xlat464"));
  }
  expect(seen).toEqual([1, 0, 0, 3]);
  kernel.spread.clear();
  await tayga.leave();
  at.processor = 2;
  await clock.advance(seconds(5));
  expect([kernel.spread.size, clock.pending]).toEqual([0, 0]);
});
