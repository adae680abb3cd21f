import { expect, test } from "vitest";
import { deviceAt } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { macFromBytes } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { seconds } from "../../base/time.ts";
import { parseStateFile } from "../../config/state-file.ts";
import { Registry } from "../devices/registry.ts";
import { Refusals } from "./refusals.ts";

const refused = { tag: "refused", reason: `refused: ${"too many ".repeat(20)}` } as const;

async function scene() {
  const [clock, log, files, registry] = [new FakeClock(), new MemoryLog(), new MemoryFiles(), new Registry()];
  const refusals = new Refusals({ clock, log, files, registry, directory: "/run/gw" });
  await refusals.start();
  let writes = 0;
  const write = files.write.bind(files);
  files.write = async (path, text) => {
    writes++;
    await write(path, text);
  };
  const invent = (n: number): void =>
    registry.put(
      deviceAt(clock, { mac: macFromBytes(Uint8Array.of(2, 0, 0, 0, n >> 8, n & 255)), stage: refused }),
    );
  const shown = (): number =>
    must(parseStateFile(files.texts.get("/run/gw/refused.json") ?? "")).devices.size;
  return { clock, registry, refusals, files, invent, shown, writes: () => writes };
}

test("shows refused devices within a second or so, and none that are not", async () => {
  const { clock, registry, invent, shown, files, refusals } = await scene();
  invent(1);
  registry.put(deviceAt(clock));
  await clock.advance(seconds(1));
  expect(shown()).toBe(1);
  registry.remove(macFromBytes(Uint8Array.of(2, 0, 0, 0, 0, 1)));
  await clock.advance(seconds(1));
  expect(shown()).toBe(0);
  await refusals.stop();
  expect([...files.texts.keys()]).toEqual([]);
});

test("the more of them there are the less often they are written, and in the end all stand there", async () => {
  const { clock, invent, shown, writes } = await scene();
  for (let n = 0; n < 1000; n++) {
    invent(n);
    await clock.advance(seconds(0.06));
  }
  expect(writes()).toBeLessThan(60);
  await clock.advance(seconds(5));
  expect(shown()).toBe(1000);
});
