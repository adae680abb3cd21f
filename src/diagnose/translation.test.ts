import { expect, test } from "vitest";
import { answering, translating } from "./faults.fixture.ts";
import { planFixes } from "./fixing.ts";
import { healthy } from "./healthy.fixture.ts";
import { runChecks } from "./run.ts";

const of = (id: string, over: Parameters<typeof Object.assign>[0]) =>
  runChecks({ ...healthy, ...over }).filter((f) => f.check.id === id);

test("a NAT64 behind which somebody answers is well, and one that could not be asked is not called dead", () => {
  expect(of("nat64", answering)).toMatchObject([
    {
      severity: "ok",
      text: "NAT64 by 2001:db8:64::/96, and it answers.",
      evidence: ["2001:db8:a::ffff: end of the way", expect.stringContaining("behind the NAT64")],
    },
  ]);
  const blind = { ...answering, nat64: { unseen: "The NAT64 cannot be asked: no rights." } };
  expect(of("nat64", blind)).toMatchObject([
    { severity: "ok", text: "NAT64 by 2001:db8:64::/96.", evidence: [blind.nat64.unseen] },
  ]);
});

test("tayga that runs is well; one that is stopped is ended by --fix-service while a gateway starts it anew", () => {
  expect(of("translator", translating)).toMatchObject([
    { severity: "ok", text: "tayga translates (process 103)." },
  ]);
  const processes = (translating.processes ?? []).map((p) => ({ ...p, isStopped: p.pid === 103 }));
  const stopped = { ...healthy, ...translating, processes };
  expect(planFixes(runChecks(stopped), "service").map(({ id }) => id)).toEqual(["translator"]);
  const dead = { ...stopped.daemon, pid: undefined };
  expect(planFixes(runChecks({ ...stopped, daemon: dead }), "service").map(({ id }) => id)).not.toContain(
    "translator",
  );
});
