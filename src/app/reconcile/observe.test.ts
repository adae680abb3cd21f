import { expect, test } from "vitest";
import { Bench, deviceNumber } from "../../../test/support/reconcile-bench.ts";
import { ip6, network6 } from "../../plan/sample.fixture.ts";
import { observe, observeForViews } from "./observe.ts";

test("what views show is as a look at everything finds it", async () => {
  const bench = new Bench();
  bench.network6 = network6;
  const ipv6 = { leased: [{ address: ip6("2001:db8:1::3"), deprecated: false }], slaac: [] };
  bench.devices = [deviceNumber(1), deviceNumber(2), { ...deviceNumber(3), ipv6 }];
  await bench.reconciler.start();
  const { kernel } = bench;
  const [all, shown] = [await observe(kernel, []), await observeForViews(kernel)];
  const kinds = ["identity", "address", "rule", "port", "element"];
  const those = ({ resources }: typeof all) => resources.filter(({ kind }) => kinds.includes(kind));
  expect(those(shown).map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds));
  expect(those(shown)).toEqual(those(all));
  expect(shown.resources.map(({ kind }) => kind)).toContain("ruleset");
  expect(shown.ports).toEqual(all.ports);
  expect(shown.addresses6).toEqual(all.addresses6);
  expect([...shown.foreignAddresses].toSorted()).toEqual([...all.foreignAddresses].toSorted());
});
