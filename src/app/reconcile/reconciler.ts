/** Keeps the kernel as the plan wants it: observe, compare, apply; every pass from a fresh look, never from memory. */
import { messageOf } from "../../base/errors.ts";
import {
  between,
  type Duration,
  type Instant,
  instant,
  longest,
  millis,
  minutes,
  plus,
  scale,
  seconds,
  shortest,
} from "../../base/time.ts";
import { elementsOf } from "../../plan/desired.ts";
import { type Action, diff } from "../../plan/diff.ts";
import { hostLimitKeys } from "../../plan/host-limits.ts";
import type { Observed } from "../../plan/observe.ts";
import { readPortKey, rememberPort } from "../../plan/port-memory.ts";
import { countKinds, type ResourceMap } from "../../plan/resource.ts";
import { type RulesetInput, renderRuleset } from "../../plan/ruleset.ts";
import { planPortSysctls } from "../../plan/sysctls.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import { applyActions } from "./apply.ts";
import type { Failure } from "./batch.ts";
import { observe } from "./observe.ts";
import { releaseSettings } from "./settings.ts";

export interface ReconcilerParts {
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly log: Log;
  readonly ruleset: RulesetInput;
  /** The desired state, given what is there. */
  readonly desire: (observed: Observed) => ResourceMap;
  /** After each pass: what was found before it, and what failed in it. */
  readonly onPass: (pass: Pass) => void;
}

/** Memory of a port that still holds. Whether it was up is asked at the very end only: it may be another port of ours by now. */
function isPortsOf({ wanPort, ownMac }: RulesetInput, key: string): boolean {
  const port = readPortKey(key);
  return port?.what === "state" || (port?.ifname === wanPort && ownMac === "silent");
}

export interface Pass {
  readonly observed: Observed;
  readonly desired: ResourceMap;
  readonly failures: readonly Failure[];
}

/** Requests within this span make one pass. */
const gather = millis(5);
const suspicion = seconds(1);
const resyncEvery = minutes(1);
const firstRetry = seconds(1);
const longestRetry = seconds(30);

export class Reconciler {
  readonly #parts: ReconcilerParts;
  #timer: Cancel | undefined;
  #due = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined;
  #restUntil: Instant = instant(0);
  #stopped = true;
  #retry: Duration = firstRetry;
  #reported = new Set<string>();
  /** Settings as they were before us; the kernel's copy is gone when another program flushes our table. */
  readonly #saved = new Map<string, string>();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  /** The first pass; resolves when it is done. */
  async start(): Promise<void> {
    this.#stopped = false;
    await this.#pass();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.();
    await this.#running;
  }

  /** Asks for a pass soon; many requests make one. Passes take at most half of the time, so that a burst costs few of them. */
  request(): void {
    const rest = this.#restUntil - this.#parts.clock.now();
    this.#schedule(longest(gather, millis(rest)));
  }

  /** Something in the kernel changed, perhaps by our own doing: one look for all such changes of a second. */
  suspect(): void {
    this.#schedule(suspicion);
  }

  #schedule(span: Duration): void {
    const due = this.#parts.clock.now() + span;
    if (this.#stopped || due >= this.#due) return;
    this.#timer?.();
    this.#due = due;
    this.#timer = this.#parts.clock.after(span, () => void this.#pass());
  }

  #pass(): Promise<void> {
    this.#due = Number.POSITIVE_INFINITY;
    if (this.#running) return this.#running.then(() => this.request());
    this.#running = this.#once().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #once(): Promise<void> {
    try {
      const began = this.#parts.clock.now();
      const pass = await this.#look();
      const ended = this.#parts.clock.now();
      this.#restUntil = plus(ended, between(began, ended));
      this.#parts.onPass(pass);
      this.#settle(pass.failures);
    } catch (thrown) {
      this.#settle([{ key: "observe", message: messageOf(thrown) }]);
    }
  }

  async #look(): Promise<Pass> {
    const { kernel, ruleset } = this.#parts;
    const observed = await observe(
      kernel,
      planPortSysctls(ruleset).map((s) => s.key),
    );
    const desired = this.#parts.desire(observed);
    const actions = diff(desired, observed.resources);
    const remembered = this.#remember(observed, actions);
    const rewritten = actions.some((a) => a.resource.kind === "ruleset");
    const refused = await applyActions(kernel, actions, {
      rulesetScript: () => renderRuleset(ruleset, elementsOf(desired), remembered),
      saved: rewritten ? remembered : observed.saved,
      tell: (sentence) => this.#parts.log.warn(sentence),
    });
    if (actions.length > 0)
      this.#parts.log.debug("kernel brought up to date", countKinds(actions.map((a) => a.resource)));
    const released = refused.some((f) => f.key === "ruleset") ? [] : await this.#release(observed);
    return { observed, desired, failures: [...refused, ...released] };
  }

  /** Settings of ports that only an earlier configuration named. */
  async #release({ saved }: Observed): Promise<readonly Failure[]> {
    const { kernel, ruleset } = this.#parts;
    const wanted = new Set(planPortSysctls(ruleset).map((s) => s.key));
    const isKept = (key: string): boolean =>
      wanted.has(key) || hostLimitKeys.has(key) || isPortsOf(ruleset, key);
    const stale = new Map([...saved].filter(([key]) => !isKept(key)));
    for (const key of stale.keys()) this.#saved.delete(key);
    return releaseSettings(kernel, stale);
  }

  /** What the table should hold of settings before this pass changes any. */
  #remember({ saved }: Observed, actions: readonly Action[]): ReadonlyMap<string, string> {
    for (const [key, value] of saved) this.#saved.set(key, value);
    const known = new Map(this.#saved);
    for (const action of actions) {
      const was = action.kind === "put" ? action.was : undefined;
      if (was?.kind === "sysctl") this.#rememberOnce(known, [[was.key, was.value]]);
      if (was?.kind === "port" && "group" in action.resource) this.#rememberOnce(known, rememberPort(was));
    }
    return known;
  }

  /** Somebody may take our table away before we see what we have written into it. */
  #rememberOnce(known: ReadonlyMap<string, string>, entries: Iterable<readonly [string, string]>): void {
    for (const [key, value] of entries) if (!known.has(key)) this.#saved.set(key, value);
  }

  /** Says each new failure once, tries again later and later, and looks at everything once a minute at the least. */
  #settle(failures: readonly Failure[]): void {
    for (const f of failures) {
      if (!f.absent && !this.#reported.has(f.key))
        this.#parts.log.warn(`kernel refused: ${f.message}`, { resource: f.key });
    }
    this.#reported = new Set(failures.map((f) => f.key));
    if (failures.length === 0) {
      this.#retry = firstRetry;
      this.#schedule(resyncEvery);
    } else {
      this.#schedule(this.#retry);
      this.#retry = shortest(scale(this.#retry, 2), longestRetry);
    }
  }
}
