import { expect, test } from "vitest";
import { FakeClock, settle } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import type { Mac } from "../../base/mac.ts";
import { seconds } from "../../base/time.ts";
import type { HookMessage } from "../../ports/hooks.ts";
import { HookQueue, type WaitingMessages } from "./hook-queue.ts";

const message: HookMessage = { event: "new", mac: "00:00:5e:00:53:01" as Mac, body: '{"a":1}' };

/** A disk with one file. */
class Disk {
  text: string | undefined;
  writes = 0;
  full = false;

  async load(accept: (text: string) => string | undefined) {
    const refused = this.text === undefined ? undefined : accept(this.text);
    return refused === undefined
      ? { text: this.text, problems: [] }
      : { text: undefined, problems: [`it is damaged (${refused})`] };
  }

  async save(text: string): Promise<void> {
    if (this.full) throw new Error("no space left");
    this.writes++;
    this.text = text;
  }
}

function bench(disk = new Disk()) {
  const clock = new FakeClock();
  const log = new MemoryLog();
  const now: { waiting: WaitingMessages } = { waiting: {} };
  return {
    clock,
    log,
    disk,
    now,
    queue: new HookQueue({ clock, log, file: disk, waiting: () => now.waiting }),
  };
}

test("what waits longer than a moment is there after a restart", async () => {
  const { queue, clock, disk, now } = bench();
  expect(await queue.load()).toEqual({});
  now.waiting = { webhook: [message], executable: [] };
  queue.changed();
  await clock.advance(seconds(6));
  await settle();
  expect(await bench(disk).queue.load()).toEqual({ webhook: [message] });
});

test("what is told within a moment is never written", async () => {
  const { queue, clock, disk, now } = bench();
  await queue.load();
  now.waiting = { webhook: [message] };
  queue.changed();
  now.waiting = { webhook: [] };
  queue.changed();
  await clock.advance(seconds(60));
  await queue.stop();
  expect(disk.writes).toBe(0);
});

test("the end of the gateway keeps what waits at once, and what was told since is no longer in the file", async () => {
  const { queue, disk, now } = bench();
  await queue.load();
  now.waiting = { executable: [message, { ...message, event: "active" }] };
  await queue.stop();
  const next = bench(disk);
  expect(await next.queue.load()).toEqual(now.waiting);
  await next.queue.stop();
  expect(await bench(disk).queue.load()).toEqual({});
});

test("a full disk is told once, and stops nothing", async () => {
  const { queue, clock, disk, log, now } = bench();
  await queue.load();
  disk.full = true;
  for (const event of ["new", "active"] as const) {
    now.waiting = { webhook: [{ ...message, event }] };
    queue.changed();
    await clock.advance(seconds(6));
    await settle();
  }
  expect(
    log.entries.filter(({ message: m }) => m.includes("is lost at a restart: no space left")),
  ).toHaveLength(1);
});

test.each([
  "",
  "7",
  '{"version":2,"waiting":{}}',
  '{"version":1,"waiting":[7]}',
  '{"version":1,"waiting":{"webhook":[{"event":"new","mac":"x","body":"{}"}]}}',
  '{"version":1,"waiting":{"webhook":[{"event":"lost","mac":"00:00:5e:00:53:01","body":"{}"}]}}',
  JSON.stringify({ version: 1, waiting: { webhook: [{ ...message, body: "x".repeat(70_000) }] } }),
])("a damaged file is told and passed over: %.60j", async (text) => {
  const disk = new Disk();
  disk.text = text;
  const { queue, log } = bench(disk);
  expect(await queue.load()).toEqual({});
  expect(log.entries.map(({ message: m }) => m).join()).toContain("it is damaged");
});
