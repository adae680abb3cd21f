/**
 * Keeps the kernel as the plan wants it: observe, compare, apply. A whole pass is made from a fresh look, never from memory; it is made at the start, when
 * anything unexpected happens, and now and then. Between two of them a pass for a few devices starts from what is known of them (ADR 15).
 */
import { messageOf } from "../../base/errors.ts";
import type { Mac } from "../../base/mac.ts";
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
import { isPossible } from "../../plan/describe.ts";
import { elementsOf } from "../../plan/desired.ts";
import type { Address6Fact } from "../../plan/desired6.ts";
import { type Action, diff } from "../../plan/diff.ts";
import { hostLimitKeys } from "../../plan/host-limits.ts";
import { identityMac, identityName, translatorName } from "../../plan/marks.ts";
import type { Observed } from "../../plan/observe.ts";
import { readPortKey, rememberPort } from "../../plan/port-memory.ts";
import { countKinds, type ResourceMap } from "../../plan/resource.ts";
import type { Address6 } from "../../plan/resource6.ts";
import { type RulesetInput, renderRuleset } from "../../plan/ruleset.ts";
import { forwardingKey6, planPortSysctls } from "../../plan/sysctls.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Kernel, KernelEvent } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import { applyActions } from "./apply.ts";
import type { Failure } from "./batch.ts";
import type { PartialPlan } from "./blueprint.ts";
import { observe, observeIdentities6 } from "./observe.ts";
import { releaseSettings } from "./settings.ts";
import { World } from "./world.ts";

export interface ReconcilerParts {
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly log: Log;
  readonly ruleset: RulesetInput;
  /** The desired state, given what is there. */
  readonly desire: (observed: Observed) => ResourceMap;
  /** The same, without taking note of anything. */
  readonly foresee: (observed: Observed) => ResourceMap;
  /** The part of it that concerns these devices; undefined: only the whole will do. */
  readonly desireSome: (macs: ReadonlySet<Mac>, world: World) => PartialPlan | undefined;
  /** After each pass: what was found before it, and what failed in it. */
  readonly onPass: (pass: Pass) => void;
}

/** Memory of a port that still holds. Whether it was up is asked at the very end only: it may be another port of ours by now. */
function isPortsOf({ wanPort, ownMac }: RulesetInput, key: string): boolean {
  const port = readPortKey(key);
  return port?.what === "state" || (port?.ifname === wanPort && ownMac === "silent");
}

type Tidying = Action & { readonly resource: Address6 };
const isTidying = (action: Action): action is Tidying =>
  action.kind === "delete" && action.resource.kind === "address6";

/** What a whole pass would do. */
export interface Prospect {
  readonly actions: readonly Action[];
  /** Passes were made while the kernel was read: some of it may be done already. */
  readonly busy: boolean;
}

export interface Pass {
  readonly observed: Observed;
  readonly desired: ResourceMap;
  readonly failures: readonly Failure[];
  /** Only these devices were looked at. Absent: all. */
  readonly macs?: ReadonlySet<Mac>;
  readonly took: Duration;
}

/** Requests within this span make one pass. */
const gather = millis(5);
/** So many devices at once: the first of a crowd need not wait for the last, and what one pass prepares the world answers during the next. */
const portion = 512;
const suspicion = seconds(1);
/** Where so many devices wait for their passes, a look at everything waits until so long after them, if nothing demands it; at most so long in all. */
const crowd = 64;
const leisure = seconds(2);
const longestLeisure = minutes(1);
const resyncEvery = minutes(1);
/** A whole pass over many devices takes a while: then they are made so seldom that they take two thousandths of the time. */
const resyncShare = 500;
const resyncAtLeastEvery = minutes(10);
/** The kernel walks through all its IPv6 routes for each IPv6 address that is deleted: of a crowd, so many devices at a time, when nothing else is to be done. */
const sweep = 32;
/** So often the kernel is read for a prospect while passes come in between. */
const looks = 3;
const firstRetry = seconds(1);
const longestRetry = seconds(30);

export class Reconciler {
  readonly #parts: ReconcilerParts;
  #timer: Cancel | undefined;
  /** When the next pass is due, and when the next whole one. */
  #due = Number.POSITIVE_INFINITY;
  #wholeDue = Number.POSITIVE_INFINITY;
  /** Until then it may be put off. */
  #wholeBy = Number.POSITIVE_INFINITY;
  #crowdedUntil: Instant = instant(0);
  /** Devices for which a pass was asked. */
  #some = new Set<Mac>();
  /** Those of which the kernel told something new, which has to be read first. */
  readonly #unread = new Set<Mac>();
  /** Devices that have IPv6 addresses which are wanted no more. */
  readonly #littered = new Set<Mac>();
  #wholeOnly = false;
  #world: World | undefined;
  /** Questions to the kernel that are under way. */
  #looking = 0;
  #wholeTook: Duration = millis(0);
  #running: Promise<void> | undefined;
  #passes = 0;
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

  /**
   * Asks for a pass soon; many requests make one. Whole passes take at most half of the time, so that a burst costs few of them.
   * @param mac the device for which it is asked; absent: for all, and from a fresh look
   */
  request(mac?: Mac): void {
    if (mac) {
      this.#some.add(mac);
      this.#schedule(gather, false);
    } else this.#scheduleWhole(gather, millis(0));
  }

  /** The kernel tells of an IPv6 address of the device. */
  told6(mac: Mac, fact: Address6Fact, gone: boolean): void {
    // The answer to a question that is under way may be older than that, or newer.
    if (!this.#world || this.#looking > 0) {
      this.read(mac);
      return;
    }
    this.#world.told6(identityName(mac), fact, gone);
    // Nothing of the plan hangs on one that is as it should be.
    const isKernelsOwn = fact.origin === "link-local" && fact.state !== "duplicate" && !gone;
    if (!isKernelsOwn) this.request(mac);
  }

  /** The same for a device of whose IPv6 addresses in the kernel nothing is known for sure. */
  read(mac: Mac): void {
    this.#unread.add(mac);
    this.request(mac);
  }

  /** Something in the kernel changed, perhaps not by our own doing: one look for all such changes of a second, or after a crowd. */
  suspect(): void {
    this.#scheduleWhole(suspicion);
  }

  /** What a whole pass would do now; changes nothing, and holds up no pass. Errors: those of reading the kernel. */
  async prospect(): Promise<Prospect> {
    const { kernel, ruleset, foresee } = this.#parts;
    const keys = planPortSysctls(ruleset).map((s) => s.key);
    for (let look = 1; ; look++) {
      await this.#running;
      const before = this.#passes;
      const observed = await observe(kernel, keys);
      const busy = this.#passes !== before;
      if (!busy || look === looks)
        return { actions: diff(foresee(observed), observed.resources).filter(isPossible), busy };
    }
  }

  /** Whether an event tells of nothing but what we did ourselves. */
  isOwnDoing(event: KernelEvent): boolean {
    return this.#world?.explains(event, this.#parts.clock.now()) ?? false;
  }

  /** @param longest so long it may be put off while a crowd waits */
  #scheduleWhole(span: Duration, longest: Duration = longestLeisure): void {
    this.#wholeBy = Math.min(this.#wholeBy, this.#parts.clock.now() + span + longest);
    this.#schedule(span, true);
  }

  #schedule(span: Duration, whole: boolean): void {
    if (this.#stopped) return;
    const soon = this.#parts.clock.now() + span;
    const due = whole ? Math.max(soon, this.#restUntil) : soon;
    if (whole) this.#wholeDue = Math.min(this.#wholeDue, due);
    if (due >= this.#due) return;
    this.#due = due;
    this.#arm();
  }

  #arm(): void {
    if (this.#stopped || this.#due === Number.POSITIVE_INFINITY) return;
    this.#timer?.();
    const span = millis(Math.max(0, this.#due - this.#parts.clock.now()));
    this.#timer = this.#parts.clock.after(span, () => void this.#pass());
  }

  #pass(): Promise<void> {
    if (this.#running) return this.#running.then(() => this.#arm());
    this.#running = this.#once().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #once(): Promise<void> {
    const began = this.#parts.clock.now();
    const asked = [...this.#some];
    this.#putOff(asked.length, began);
    const some = this.#world && this.#wholeDue > began ? this.#portionOf(asked) : undefined;
    this.#some = new Set(some ? asked.slice(portion) : []);
    this.#due = this.#some.size > 0 ? began : some ? this.#wholeDue : Number.POSITIVE_INFINITY;
    if (!some) {
      this.#wholeDue = Number.POSITIVE_INFINITY;
      this.#wholeBy = Number.POSITIVE_INFINITY;
    }
    this.#arm();
    if (some?.size === 0) return;
    this.#passes++;
    try {
      const made = (some && (await this.#lookAt(some))) ?? (await this.#look());
      const ended = this.#parts.clock.now();
      const pass = { ...made, took: between(began, ended) };
      if (!pass.macs) this.#rest(pass.took, ended);
      this.#parts.onPass(pass);
      this.#settle(pass);
      if (this.#littered.size > 0) this.#schedule(gather, false);
    } catch (thrown) {
      this.#world = undefined;
      this.#settle({ failures: [{ key: "observe", message: messageOf(thrown) }] });
    }
  }

  /** A crowd that waits now, or did a moment ago, comes before a look at everything that may wait. */
  #putOff(waiting: number, now: Instant): void {
    if (waiting > crowd) this.#crowdedUntil = plus(now, leisure);
    if (this.#wholeDue <= now && now < this.#crowdedUntil && now < this.#wholeBy)
      this.#wholeDue = this.#crowdedUntil;
  }

  /** Who waits comes first, and if nobody does, what was left lying. */
  #portionOf(asked: readonly Mac[]): ReadonlySet<Mac> {
    return new Set(asked.length > 0 ? asked.slice(0, portion) : [...this.#littered].slice(0, sweep));
  }

  /** Whole passes that were asked for meanwhile come after a rest as long as this one took. */
  #rest(took: Duration, ended: Instant): void {
    this.#wholeTook = took;
    this.#restUntil = plus(ended, took);
    this.#wholeDue =
      this.#wholeDue === Number.POSITIVE_INFINITY
        ? this.#wholeDue
        : Math.max(this.#wholeDue, this.#restUntil);
    this.#due = this.#some.size > 0 ? this.#due : this.#wholeDue;
  }

  async #look(): Promise<Omit<Pass, "took">> {
    const { kernel, ruleset } = this.#parts;
    // What follows looks at every device.
    this.#some.clear();
    this.#unread.clear();
    this.#littered.clear();
    const keys = planPortSysctls(ruleset).map((s) => s.key);
    const observed = await this.#asking(() => observe(kernel, keys));
    const desired = this.#parts.desire(observed);
    const actions = diff(desired, observed.resources);
    const world = new World(observed);
    this.#world = world;
    const refused = await this.#apply(this.#tidying(actions), world, desired);
    const released = refused.some((f) => f.key === "ruleset") ? [] : await this.#release(observed, desired);
    return { observed: world, desired, failures: [...refused, ...released] };
  }

  /** Undefined: there are no bounds to what these devices change. */
  async #lookAt(macs: ReadonlySet<Mac>): Promise<Omit<Pass, "took"> | undefined> {
    const world = this.#world;
    if (!world) return undefined;
    const ifnames = [...macs].map(identityName);
    await this.#readAddresses6(macs, world);
    const plan = this.#parts.desireSome(macs, world);
    this.#wholeOnly = !plan;
    if (!plan) return undefined;
    const { desired, former } = plan;
    const actions = diff(desired, world.of(ifnames, [...desired.keys(), ...former]));
    for (const mac of macs) this.#littered.delete(mac);
    const failures = await this.#apply(this.#tidying(actions), world, desired);
    return { observed: world, desired, failures, macs };
  }

  /** The actions, without the deleting that can wait if there is much of it: the next pass for those devices finds it again. */
  #tidying(actions: readonly Action[]): readonly Action[] {
    const unwanted = new Set(actions.filter(isTidying).map(({ resource }) => resource.ifname));
    if (unwanted.size <= sweep || this.#wholeOnly) return actions;
    for (const ifname of unwanted) {
      const mac = identityMac(ifname);
      if (mac) this.#littered.add(mac);
    }
    return actions.filter((action) => !isTidying(action));
  }

  async #readAddresses6(macs: ReadonlySet<Mac>, world: World): Promise<void> {
    const unread = [...macs].filter((mac) => this.#unread.delete(mac)).map(identityName);
    const there = unread.filter((ifname) => world.has(`identity ${ifname}`));
    if (there.length === 0) return;
    world.seen6(there, await this.#asking(() => observeIdentities6(this.#parts.kernel, there)));
  }

  async #asking<T>(question: () => Promise<T>): Promise<T> {
    this.#looking++;
    try {
      return await question();
    } finally {
      this.#looking--;
    }
  }

  async #apply(actions: readonly Action[], world: World, desired: ResourceMap): Promise<readonly Failure[]> {
    const { kernel, ruleset, log, clock } = this.#parts;
    const remembered = this.#remember(world, actions);
    const rewritten = actions.some((a) => a.resource.kind === "ruleset");
    world.expect(actions, clock.now());
    const refused = await applyActions(kernel, actions, {
      rulesetScript: (elements) => renderRuleset(ruleset, elements, remembered),
      elements: () => elementsOf(desired),
      saved: rewritten ? remembered : world.saved,
      tell: (sentence) => log.warn(sentence),
    });
    world.did(actions, clock.now());
    if (actions.length > 0)
      log.debug("kernel brought up to date", countKinds(actions.map((a) => a.resource)));
    return refused;
  }

  /** Settings of ports that only an earlier configuration named. */
  async #release({ saved }: Observed, desired: ResourceMap): Promise<readonly Failure[]> {
    const { kernel, ruleset } = this.#parts;
    const wanted = new Set(planPortSysctls(ruleset).map((s) => s.key));
    const isKept = (key: string): boolean =>
      wanted.has(key) ||
      hostLimitKeys.has(key) ||
      isPortsOf(ruleset, key) ||
      (key === forwardingKey6 && desired.has(`tunnel ${translatorName}`));
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
  #settle({ failures, macs }: Pick<Pass, "failures" | "macs">): void {
    for (const f of failures) {
      if (!f.absent && !this.#reported.has(f.key))
        this.#parts.log.warn(`kernel refused: ${f.message}`, { resource: f.key });
    }
    if (!macs) this.#reported = new Set();
    for (const { key } of failures) this.#reported.add(key);
    if (failures.length > 0) {
      this.#scheduleWhole(this.#retry);
      this.#retry = shortest(scale(this.#retry, 2), longestRetry);
    } else if (!macs) {
      this.#retry = firstRetry;
      const pause = longest(resyncEvery, scale(this.#wholeTook, resyncShare));
      this.#scheduleWhole(shortest(pause, resyncAtLeastEvery));
    }
  }
}
