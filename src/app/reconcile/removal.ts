/** Takes identities out of the kernel, a crowd of them in one step. */
import { leavingGroup } from "../../plan/marks.ts";
import { isLeaving, leavingCommand, linksIn } from "../../plan/observe.ts";
import { type Identity, resourceKey } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { type Failure, type Line, runBatch } from "./batch.ts";

/** From so many on the way by the group is the shorter one, also on a gateway with a thousand. */
const crowd = 8;
/** So many in one batch: each takes the kernel tens of milliseconds among a thousand, and a batch has its time (IpProcess). */
const portion = 128;

/**
 * For each interface that it deletes alone, the kernel waits until no processor can have hold of it any more; for all of a group it waits once. So a crowd moves into a group of its
 * own, and goes with it where a look shows nobody else in there: the kernel deletes whatever is in a group. What is left goes one by one, and tells why it cannot.
 */
export async function removeIdentities(kernel: Kernel, identities: readonly Identity[]): Promise<Failure[]> {
  const left = identities.length < crowd ? identities : await removeTogether(kernel, identities);
  return removeOneByOne(kernel, left);
}

/** Gives those that it did not take away. */
async function removeTogether(kernel: Kernel, identities: readonly Identity[]): Promise<readonly Identity[]> {
  const moves = linesFor(identities, ({ ifname }) => `link set dev ${ifname} group ${leavingGroup}`);
  await runBatch(kernel, moves);
  const shown = await linksLeaving(kernel);
  const wanted = new Set(identities.map(({ ifname }) => ifname));
  if (shown.length === 0 || !shown.every((link) => isLeaving(link, wanted))) return identities;
  const failed = await runBatch(kernel, [{ key: "ip", line: `link delete group ${leavingGroup}` }]);
  if (failed.length > 0) return identities;
  const gone = new Set(shown.map(({ ifname }) => ifname));
  return identities.filter(({ ifname }) => !gone.has(ifname));
}

/** Where they cannot be read, none: all go one by one. */
const linksLeaving = (kernel: Kernel): Promise<ReturnType<typeof linksIn>> =>
  kernel.ipShow(4, [leavingCommand]).then(
    ([shown]) => linksIn(shown),
    () => [],
  );

async function removeOneByOne(kernel: Kernel, identities: readonly Identity[]): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (let at = 0; at < identities.length; at += portion) {
    const some = identities.slice(at, at + portion);
    failures.push(
      ...(await runBatch(
        kernel,
        linesFor(some, ({ ifname }) => `link delete dev ${ifname}`),
      )),
    );
  }
  return failures;
}

const linesFor = (identities: readonly Identity[], render: (identity: Identity) => string): Line[] =>
  identities.map((identity) => ({ key: resourceKey(identity), line: render(identity) }));
