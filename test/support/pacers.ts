import { paceOf } from "../../src/app/uplink/pace.ts";
import { makePacer, type Pacer } from "../../src/app/uplink/pacer.ts";
import { defaultConfig } from "../../src/config/schema.ts";
import type { Clock } from "../../src/ports/clock.ts";

const { pacing } = defaultConfig();

export const switchSafePacer = (clock: Clock): Pacer =>
  makePacer(clock, paceOf({ ...pacing, profile: "switch-safe" }));
export const unlimitedPacer = (clock: Clock): Pacer =>
  makePacer(clock, paceOf({ ...pacing, profile: "unlimited" }));
