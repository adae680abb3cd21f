import { expect, test } from "vitest";
import type { FakeKernel } from "../../../test/support/fake-kernel.ts";
import { Bench } from "../../../test/support/reconcile-bench.ts";
import { hostLimitKeys, planHostLimits } from "../../plan/host-limits.ts";
import { cleanup } from "./cleanup.ts";
import { raiseHostLimits } from "./host-limits.ts";

const devices = 1000;
const nothing: ReadonlyMap<string, string> = new Map();
const thresh = (n: number): string => `net/ipv4/neigh/default/gc_thresh${n}`;
const established = "net/netfilter/nf_conntrack_tcp_timeout_established";

/** A host as the kernel sets it up, with our table from a first pass. */
async function started(value = "100"): Promise<Bench> {
  const bench = new Bench();
  for (const key of hostLimitKeys) bench.kernel.sysctls.set(key, value);
  await bench.reconciler.start();
  return bench;
}

const limitsOf = (kernel: FakeKernel): [string, number][] =>
  planHostLimits(devices).map(({ key }) => [key, Number(kernel.sysctls.get(key))]);
const planned = planHostLimits(devices).map(({ key, value }) => [key, value]);
const kept = (kernel: FakeKernel): string[] =>
  kernel.tables
    .elements("inet ipv4_ipv6_gateway", "saved")
    .filter((text) => /neigh|conntrack/.test(text))
    .map((text) => text.replace(/^\d+ comment /, ""));

test("what is low is raised, and kept as it was, in one transaction", async () => {
  const { kernel, log } = await started();
  const before = kernel.started.nft;
  await raiseHostLimits(kernel, log, nothing, devices);
  expect(limitsOf(kernel)).toEqual(planned);
  expect(kept(kernel).sort()).toEqual([...hostLimitKeys].map((key) => `"${key}=100"`).sort());
  expect(kernel.started.nft).toBe(before + 1);
  expect(log.take()).toEqual([]);
});

test("what is larger stays, but for timeouts", async () => {
  const { kernel, log } = await started("10000000");
  await raiseHostLimits(kernel, log, nothing, devices);
  expect(kernel.sysctls.get(thresh(3))).toBe("10000000");
  expect(kernel.sysctls.get(established)).toBe("7440");
  expect(kept(kernel).join()).not.toContain("gc_thresh");
  expect(log.take()).toEqual([]);
});

test("the reconciler leaves them alone, a second start keeps the first values, cleanup puts them back", async () => {
  const bench = await started();
  await raiseHostLimits(bench.kernel, bench.log, nothing, devices);
  await bench.pass();
  expect(limitsOf(bench.kernel)).toEqual(planned);
  await bench.pass();
  const saved = bench.passes.at(-1)?.observed.saved ?? nothing;
  expect(saved.get(thresh(1))).toBe("100");
  await raiseHostLimits(bench.kernel, bench.log, saved, devices * 2);
  expect(bench.kernel.sysctls.get(thresh(1))).toBe("8000");
  await bench.reconciler.stop();
  await cleanup(bench.kernel);
  expect(new Set(limitsOf(bench.kernel).map(([, value]) => value))).toEqual(new Set([100]));
});

test("old values outlive a table that somebody deletes", async () => {
  const bench = await started();
  await raiseHostLimits(bench.kernel, bench.log, nothing, devices);
  await bench.pass();
  await bench.kernel.nft("delete table inet ipv4_ipv6_gateway\n");
  await bench.pass();
  await cleanup(bench.kernel);
  expect(bench.kernel.sysctls.get(established)).toBe("100");
});

test("what cannot be read or written is one warning that names setting, value there and value needed", async () => {
  const { kernel, log } = await started();
  kernel.sysctls.delete(thresh(1));
  kernel.failNext(/^sysctl .*gc_thresh2/, "Permission denied");
  kernel.failNext(/^sysctl .*established/, "Read-only file system");
  await raiseHostLimits(kernel, log, nothing, devices);
  expect(log.take()).toEqual([
    `warn limits of the host that suit fewer than 1000 devices: ${thresh(1)} is unknown, at least 4000 needed; ` +
      `${thresh(2)} is 100, at least 8000 needed; ${established} is 100, 7440 needed`,
  ]);
  expect(kernel.sysctls.get(thresh(3))).toBe("16000");
});

test("what could not be kept is not changed", async () => {
  const { kernel, log } = await started();
  kernel.failNext(/saved .*gc_thresh1/, "Error: No space left on device");
  await raiseHostLimits(kernel, log, nothing, devices);
  expect(new Set(limitsOf(kernel).map(([, value]) => value))).toEqual(new Set([100]));
  expect(log.take()).toHaveLength(1);
});
