import { expect, test } from "vitest";
import { FakeClock, settle } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { formatCidr6 } from "../../base/cidr6.ts";
import { seconds } from "../../base/time.ts";
import { ip6 } from "../../plan/sample.fixture.ts";
import type { Answer6 } from "../../ports/name-lookup.ts";
import { Nat64Finder } from "./nat64-finder.ts";

const found = (ttl: number, ...texts: string[]): Answer6 => ({
  kind: "found",
  addresses: texts.map(ip6),
  ttl: seconds(ttl),
});
const failed: Answer6 = { kind: "failed", why: "timeout" };

function bench() {
  const clock = new FakeClock();
  const asked: string[] = [];
  const world: { answer: Answer6; changes: number; gate: Promise<void>; aborted: number } = {
    aborted: 0,
    answer: { kind: "none" },
    changes: 0,
    gate: Promise.resolve(),
  };
  const finder = new Nat64Finder({
    clock,
    log: new MemoryLog(),
    names: {
      aaaa: async (name, servers, signal) => {
        signal.addEventListener("abort", () => world.aborted++);
        asked.push(`${name} of ${servers.join()}`);
        await world.gate;
        return world.answer;
      },
    },
    onChange: () => world.changes++,
  });
  const after = async (secs: number): Promise<string[]> => {
    await clock.advance(seconds(secs));
    await settle();
    return finder.prefixes.map(formatCidr6);
  };
  return { finder, asked, world, after };
}

test("asks once the network has been so for a moment, again before the answer is old, and tells of changes alone", async () => {
  const { finder, asked, world, after } = bench();
  world.answer = found(600, "2001:db8:64::c000:aa", "64:ff9b::c000:ab", "2001:db8::1");
  finder.ask(["2001:db8::53"], seconds(4));
  finder.ask(["2001:db8::53"], seconds(4));
  expect([await after(3), asked]).toEqual([[], []]);
  expect(await after(1)).toEqual(["2001:db8:64::/96", "64:ff9b::/96"]);
  expect(asked).toEqual(["ipv4only.arpa of 2001:db8::53"]);
  await after(599);
  expect(asked).toHaveLength(1);
  await after(1);
  expect([asked.length, world.changes]).toEqual([2, 1]);
  world.answer = { kind: "none" };
  expect(await after(600)).toEqual([]);
  expect(world.changes).toBe(2);
});

test("servers that say nothing leave what was found until its time; then it is lost", async () => {
  const { finder, asked, world, after } = bench();
  world.answer = found(0, "2001:db8:64::c000:aa");
  finder.ask(["2001:db8::53"], seconds(4));
  expect(await after(4)).toHaveLength(1);
  world.answer = found(100, "2001:db8:64::c000:aa");
  expect(await after(30)).toHaveLength(1);
  world.answer = failed;
  // The answer is over by the time that nobody answers.
  expect(await after(100)).toEqual([]);
  world.answer = found(100, "2001:db8:64::c000:aa");
  expect(await after(5)).toHaveLength(1);
  expect(asked).toHaveLength(4);
});

test("other servers are asked as well; nobody to ask: nothing is known, and a late answer counts no more", async () => {
  const { finder, asked, world, after } = bench();
  finder.ask(["2001:db8::53"], seconds(4));
  expect(await after(4)).toEqual([]);
  world.answer = found(60, "2001:db8:64::c000:aa");
  finder.ask(["2001:db8::54"], seconds(4));
  expect(await after(4)).toHaveLength(1);
  let open = (): void => {};
  world.gate = new Promise((resolve) => {
    open = resolve;
  });
  finder.ask(["2001:db8::55"], seconds(4));
  await after(4);
  finder.ask([], seconds(4));
  open();
  expect(await after(3600)).toEqual([]);
  expect(asked.map((text) => text.split(" of ")[1])).toEqual([
    "2001:db8::53",
    "2001:db8::54",
    "2001:db8::55",
  ]);
});

test("while it is held nobody is asked and a question under way ends; what was found stays, and is asked for anew afterwards", async () => {
  const { finder, asked, world, after } = bench();
  world.answer = found(60, "2001:db8:64::c000:aa");
  finder.ask(["2001:db8::53"], seconds(4));
  await after(4);
  world.gate = new Promise(() => {});
  await after(60);
  expect([asked.length, world.aborted]).toEqual([2, 0]);
  finder.hold(true);
  finder.hold(true);
  expect([await after(3600), asked.length, world.aborted]).toEqual([["2001:db8:64::/96"], 2, 1]);
  world.gate = Promise.resolve();
  world.answer = { kind: "none" };
  finder.hold(false);
  expect([await after(3), asked.length]).toEqual([["2001:db8:64::/96"], 2]);
  expect([await after(1), asked.length]).toEqual([[], 3]);
});
