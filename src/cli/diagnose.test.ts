import { expect, test } from "vitest";
import { planFixes } from "../diagnose/fixing.ts";
import { healthy } from "../diagnose/healthy.fixture.ts";
import { runChecks } from "../diagnose/run.ts";
import { type Diagnosis, type Mending, renderDiagnosis, renderDiagnosisJson } from "./diagnose.ts";
import { columnsOf } from "./text.ts";

const sick = {
  ...healthy,
  settings: new Map([...healthy.settings, ["net/ipv4/conf/eth1/forwarding", "0"]]),
  state: {
    ...healthy.state,
    devices: healthy.state.devices.map((d) => ({
      ...d,
      status: "failed" as const,
      hostname: "\u001b[31mevil\u2028name",
      reason: `no answer to DHCP: is this MAC registered? ${"x".repeat(200)}`,
    })),
  },
  kernel: { unseen: "The kernel cannot be read: ip: not permitted." },
};

const diagnosisOf = (facts: typeof healthy | typeof sick): Diagnosis => ({
  ...{ version: "1.2.3", at: facts.now, daemon: facts.daemon.pid, isRoot: true },
  findings: runChecks(facts),
});
const nothing: Mending = { planned: [] };
const options = { now: healthy.now, width: 80, color: false };
const render = (facts: typeof healthy | typeof sick, mending = nothing): string =>
  renderDiagnosis(diagnosisOf(facts), mending, options);

test("a healthy gateway fits on a page", () => {
  const text = render(healthy);
  expect(text).toContain("14 of 14 of the basic checks");
  expect(text).toMatch(/0 problems; 0\s+warnings/);
  expect(text.split("\n").length).toBeLessThan(24);
});

test("problems come first, with evidence and what mends them; no line is too wide, and no device moves the cursor", () => {
  const text = render(sick);
  for (const line of text.split("\n")) expect(columnsOf(line), line).toBeLessThanOrEqual(80);
  expect(text).not.toContain("\u001b");
  expect(text).not.toContain("\u2028");
  expect(text.indexOf("Problems")).toBe(0);
  expect(text).toMatch(/13 forwarding: IPv4 is not forwarded/);
  expect(text).toMatch(
    /- net\/ipv4\/conf\/eth1\/forwarding = 0\n {6}To mend: Turn it on there\. \(--fix-network does\s+it\)/,
  );
  expect(text).toMatch(/Not looked at\n {2}2 lan-address-carried, /);
});

test("what would be mended, and what was", () => {
  const planned = planFixes(runChecks(sick), "all");
  expect(render(sick, { scope: "all", planned })).toContain(
    "--fix-all would do this:\n  - write 1 to /proc/sys/net/ipv4/conf/eth1/forwarding\n",
  );
  const done = [{ id: "forwarding", action: "write 1 to it", before: "0" }];
  expect(render(healthy, { scope: "all", planned, done })).toContain("- write 1 to it (before: 0)");
  expect(render(healthy, { scope: "network", planned: [] })).toContain(
    "Nothing that --fix-network could mend",
  );
});

test("as JSON all of it is there", () => {
  const planned = planFixes(runChecks(sick), "network");
  const json = JSON.parse(renderDiagnosisJson(diagnosisOf(sick), { scope: "network", planned }));
  expect(json).toMatchObject({ version: "1.2.3", root: true, daemon_pid: 100 });
  expect(json.findings).toContainEqual(
    expect.objectContaining({
      ...{ check: "forwarding", number: 13, severity: "problem", unseen: false },
      fix: expect.objectContaining({ safe: true, group: "network" }),
    }),
  );
  expect(json.fix).toEqual({
    scope: "network",
    planned: [{ check: "forwarding", action: "write 1 to /proc/sys/net/ipv4/conf/eth1/forwarding" }],
    done: null,
  });
  expect(json.summary.basic.of).toBe(14);
});
