/** How long a device's way to its first address of each family takes, and each part of that way. */
import type { Family, TimelineKind } from "../app/devices/timeline.ts";
import type { Mac } from "../base/mac.ts";
import { between, type Instant, toSeconds } from "../base/time.ts";

export type Phase = "requested" | "obtained" | "configured";

export interface PhasesParts {
  readonly now: () => Instant;
  /** A part ended after so many seconds. */
  readonly onPhase: (family: Family, phase: Phase, seconds: number) => void;
  /** All of it. */
  readonly onDone: (family: Family, seconds: number) => void;
}

interface Way {
  readonly seenAt: Instant;
  /** When the last part ended, and which. */
  at: Instant;
  phase: Phase | "seen";
}

const phaseOf: Partial<Readonly<Record<TimelineKind, Phase>>> = {
  requesting: "requested",
  obtained: "obtained",
  configured: "configured",
};
const order = ["seen", "requested", "obtained", "configured"] as const;

export class Phases {
  readonly #parts: PhasesParts;
  /** Of devices that came, until they have a first address of the family. */
  readonly #ways = new Map<Mac, Map<Family, Way>>();

  constructor(parts: PhasesParts) {
    this.#parts = parts;
  }

  happened(mac: Mac, kind: TimelineKind, family: Family | null): void {
    const now = this.#parts.now();
    if (kind === "seen") {
      const way = (): Way => ({ seenAt: now, at: now, phase: "seen" });
      this.#ways.set(mac, new Map((["ipv4", "ipv6"] as const).map((f) => [f, way()])));
    }
    const phase = phaseOf[kind];
    if (family && phase) this.#reached(mac, family, phase, now);
  }

  forget(mac: Mac): void {
    this.#ways.delete(mac);
  }

  /** Repetitions are no news. What leaves a part out, as SLAAC does, has no times of parts. */
  #reached(mac: Mac, family: Family, phase: Phase, now: Instant): void {
    const ways = this.#ways.get(mac);
    const way = ways?.get(family);
    if (!ways || !way) return;
    const step = order.indexOf(phase) - order.indexOf(way.phase);
    if (step === 1) this.#parts.onPhase(family, phase, toSeconds(between(way.at, now)));
    if (step > 0) {
      way.phase = phase;
      way.at = now;
    }
    if (phase !== "configured") return;
    this.#parts.onDone(family, toSeconds(between(way.seenAt, now)));
    ways.delete(family);
    if (ways.size === 0) this.#ways.delete(mac);
  }
}
