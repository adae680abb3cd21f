import { expect, test } from "vitest";
import { FakeKernel } from "../../../test/support/fake-kernel.ts";
import { deviceNumber } from "../../../test/support/reconcile-bench.ts";
import { GatewayError } from "../../base/errors.ts";
import type { Action } from "../../plan/diff.ts";
import { identityName, wanGroup } from "../../plan/marks.ts";
import { makeIdentities } from "./identities.ts";

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => identityName(deviceNumber(n + 1).mac));
const puts = (count: number): Action[] =>
  Array.from({ length: count }, (_, n): Action => {
    const { mac } = deviceNumber(n + 1);
    const ifname = identityName(mac);
    const resource = { ifname, mac, parent: "eth0", mtu: 1500, group: wanGroup, up: true };
    return { kind: "put", resource: { kind: "identity", ...resource } };
  });

/** What happened to an interface, in order. */
const history = ({ done }: FakeKernel, ifname: string): string[] =>
  done
    .filter((line) => line.includes(ifname))
    .map((line) => (line.startsWith("ip link add") ? "made" : line.endsWith(" up") ? "up" : "setting"));

test("each is made, then set, then put up, however many there are", async () => {
  const kernel = new FakeKernel();
  expect(await makeIdentities(kernel, puts(300))).toEqual([]);
  for (const ifname of names(300)) {
    const steps = history(kernel, ifname);
    expect([steps[0], steps.at(-1)]).toEqual(["made", "up"]);
    expect(steps.slice(1, -1).length).toBeGreaterThan(8);
    expect(new Set(steps.slice(1, -1))).toEqual(new Set(["setting"]));
    expect(kernel.ip.links.get(ifname)?.up).toBe(true);
  }
});

test("one whose setting is refused does not go up, and no other is kept from it", async () => {
  const kernel = new FakeKernel();
  const [, second = ""] = names(2);
  kernel.failNext(new RegExp(`^sysctl net/ipv4/conf/${second}/arp_ignore`), "Operation not permitted");
  const failures = await makeIdentities(kernel, puts(200));
  expect(failures).toMatchObject([{ key: `identity ${second}` }]);
  expect(failures[0]?.absent).toBeUndefined();
  expect(names(200).filter((ifname) => !kernel.ip.links.get(ifname)?.up)).toEqual([second]);
});

test("one that is not there is told as absent", async () => {
  const kernel = new FakeKernel();
  const [, second = ""] = names(2);
  kernel.failNext(new RegExp(`^link add .* name ${second} `), "RTNETLINK answers: No such device");
  const failures = await makeIdentities(kernel, puts(3));
  expect(failures).toContainEqual({
    key: `identity ${second}`,
    message: `there is no interface ${second}`,
    absent: true,
  });
  expect(kernel.ip.links.size).toBe(4);
});

test("where `ip` itself fails while settings are written, that is thrown, and nothing is left unawaited", async () => {
  const kernel = new FakeKernel();
  const { ipBatch } = kernel;
  let batches = 0;
  kernel.ipBatch = (lines, family) => {
    batches++;
    if (batches === 2) return Promise.reject(new GatewayError("ip-failed", "kernel", "ip is gone"));
    return ipBatch.call(kernel, lines, family);
  };
  await expect(makeIdentities(kernel, puts(300))).rejects.toThrow("ip is gone");
});
