import { messageOf } from "../../base/errors.ts";
import type { Action } from "../../plan/diff.ts";
import { renderElements, renderUp } from "../../plan/render.ts";
import { type Element, type Resource, resourceKey, type Sysctl } from "../../plan/resource.ts";
import { removeTables } from "../../plan/ruleset.ts";
import { tunnelSettings } from "../../plan/sysctls.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { type Failure, linesOf, runBatch } from "./batch.ts";
import { forwardIpv6 } from "./forwarding6.ts";
import { makeIdentities } from "./identities.ts";
import { writeAll } from "./identity-settings.ts";
import { keepIpv6, keepPort } from "./port-memory.ts";
import { removeIdentities } from "./removal.ts";
import { saveScript } from "./save-script.ts";

export interface ApplyContext {
  /** The whole table with these elements in it, for a `ruleset` action. */
  readonly rulesetScript: (elements: readonly Element[]) => string;
  /** Those that it should have. */
  readonly elements: () => readonly Element[];
  readonly saved: ReadonlyMap<string, string>;
  /** Hears what people should know of a change. */
  readonly tell: (sentence: string) => void;
}

type Step = (kernel: Kernel, actions: readonly Action[], context: ApplyContext) => Promise<Failure[]>;

const carried: ReadonlySet<Resource["kind"]> = new Set([
  ...(["address", "neighbour", "route"] as const),
  ...(["address6", "neighbour6", "route6"] as const),
]);

const removedElsewhere: ReadonlySet<Resource["kind"]> = new Set(["rule", "rule6", "identity"]);

/** The order matters: guards first, then ports and links, then what they carry, then the ways that lead to them. */
const steps: readonly Step[] = [
  applyRuleset,
  applySysctls,
  applyPorts,
  makeIdentities,
  applyTunnel,
  putCarried,
  elementStep("put"),
  ipStep((a) => a.resource.kind === "rule"),
  ipStep((a) => a.resource.kind === "rule6", 6),
  elementStep("delete"),
  ipStep((a) => a.kind === "delete" && !removedElsewhere.has(a.resource.kind)),
  deleteIdentities,
];

/**
 * Carries out a diff in a few batches, however many devices it touches; collects what failed. Where the guards
 * cannot be put in place, nothing that they guard is.
 */
export async function applyActions(
  kernel: Kernel,
  actions: readonly Action[],
  context: ApplyContext,
): Promise<readonly Failure[]> {
  let failures: readonly Failure[] = [];
  for (const step of steps) {
    failures = [...failures, ...(await step(kernel, actions, context))];
    if (failures.some((f) => f.key === "ruleset")) break;
  }
  return failures;
}

async function attempt(key: string, task: () => Promise<void>): Promise<Failure[]> {
  try {
    await task();
    return [];
  } catch (thrown) {
    return [{ key, message: messageOf(thrown) }];
  }
}

async function applyRuleset(
  kernel: Kernel,
  actions: readonly Action[],
  context: ApplyContext,
): Promise<Failure[]> {
  const action = actions.find((a) => a.resource.kind === "ruleset");
  if (!action) return [];
  return attempt("ruleset", async () => {
    if (action.kind === "delete") return kernel.nft(removeTables);
    const [first = [], ...others] = portionsOf(context.elements());
    await kernel.nft(context.rulesetScript(first));
    for (const some of others)
      await kernel.nft(renderElements(some.map((resource) => ({ kind: "put", resource }))));
  });
}

/**
 * Elements of one transaction at the most. All messages of a transaction must fit into the socket's buffer, and a container may not have more of that than
 * net.core.wmem_max allows.
 */
const elementsAtOnce = 2500;

function portionsOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(all.length / elementsAtOnce);
  return Array.from({ length: count }, (_, n) => all.slice(n * elementsAtOnce, (n + 1) * elementsAtOnce));
}

/** The value that was there goes into our table before ours goes into the kernel. */
async function applySysctls(
  kernel: Kernel,
  actions: readonly Action[],
  context: ApplyContext,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const action of actions) {
    if (action.kind !== "put" || action.resource.kind !== "sysctl") continue;
    const { key, value } = action.resource;
    const was = action.was as Sysctl | undefined;
    if (was === undefined) continue;
    failures.push(
      ...(await attempt(`sysctl ${key}`, async () => {
        const port = portWithoutIpv6(key, value);
        if (port) await keepIpv6(kernel, port, context.saved, context.tell);
        if (!context.saved.has(key)) await kernel.nft(saveScript(key, was.value));
        await kernel.writeSysctl(key, value);
      })),
    );
  }
  return failures;
}

/** The port that a setting takes IPv6 from. */
const portWithoutIpv6 = (key: string, value: string): string | undefined =>
  value === "1" ? /^net\/ipv6\/conf\/([^/]+)\/disable_ipv6$/.exec(key)?.[1] : undefined;

/** There are two of them. How one was goes into our table before it is changed. */
async function applyPorts(
  kernel: Kernel,
  actions: readonly Action[],
  { saved }: ApplyContext,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const action of actions) {
    if (action.kind !== "put" || action.resource.kind !== "port") continue;
    const { resource, was } = action;
    const key = resourceKey(resource);
    const silent = resource.group !== undefined && was?.kind === "port";
    const failed = silent ? await attempt(key, () => keepPort(kernel, was, saved)) : [];
    failures.push(...(failed.length > 0 ? failed : await runBatch(kernel, linesOf(action))));
  }
  return failures;
}

function ipStep(wanted: (action: Action) => boolean, family?: 4 | 6): Step {
  return async (kernel, actions) => {
    return runBatch(kernel, actions.filter(wanted).flatMap(linesOf), family);
  };
}

/** The check of an IPv6 address takes a second: those come first. */
function putCarried(kernel: Kernel, actions: readonly Action[]): Promise<Failure[]> {
  const all = actions.filter((a) => a.kind === "put" && carried.has(a.resource.kind));
  const isChecked = ({ resource }: Action): boolean => resource.kind === "address6";
  const ordered = [...all.filter(isChecked), ...all.filter((a) => !isChecked(a))];
  return runBatch(kernel, ordered.flatMap(linesOf));
}

function deleteIdentities(kernel: Kernel, actions: readonly Action[]): Promise<Failure[]> {
  const leaving = actions.filter(({ kind }) => kind === "delete").map(({ resource }) => resource);
  return removeIdentities(
    kernel,
    leaving.filter((r) => r.kind === "identity"),
  );
}

/** There is one at the most. */
async function applyTunnel(
  kernel: Kernel,
  actions: readonly Action[],
  { saved }: ApplyContext,
): Promise<Failure[]> {
  for (const action of actions) {
    if (action.kind !== "put" || action.resource.kind !== "tunnel") continue;
    const tunnel = action.resource;
    const key = resourceKey(tunnel);
    const made = await runBatch(kernel, linesOf(action));
    if (made.length > 0) return made;
    const set = await attempt(key, async () => {
      await writeAll(kernel, tunnelSettings(tunnel.ifname));
      await forwardIpv6(kernel, tunnel.ifname, saved);
    });
    return [...set, ...(await runBatch(kernel, [{ key, line: renderUp(tunnel) }]))];
  }
  return [];
}

/** After a `ruleset` put, the elements are there already. */
function elementStep(kind: "put" | "delete"): Step {
  return async (kernel, actions) => {
    if (actions.some((a) => a.resource.kind === "ruleset")) return [];
    const wanted = actions.filter((a) => a.kind === kind && a.resource.kind === "element");
    return attempt("elements", async () => {
      for (const some of portionsOf(wanted)) await kernel.nft(renderElements(some));
    });
  };
}
