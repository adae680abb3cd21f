/** All checks in the order in which they are told: the original's 14, then what it never looked at. */
import { basicConfiguration } from "./basic-configuration.ts";
import { basicService, service } from "./basic-service.ts";
import { deviceChecks } from "./devices.ts";
import type { Check } from "./finding.ts";
import { hostChecks } from "./host.ts";
import { basicKernel, kernelChecks } from "./kernel-state.ts";
import { conflictChecks, networkChecks } from "./network.ts";
import { pathChecks } from "./paths.ts";
import { complaints, portChecks } from "./ports.ts";
import { waysIn } from "./ways-in.ts";
import { wireChecks } from "./wire.ts";

export const checks: readonly Check[] = [
  ...basicConfiguration,
  ...basicService,
  ...basicKernel,
  ...service,
  ...complaints,
  ...portChecks,
  ...wireChecks,
  ...networkChecks,
  ...kernelChecks,
  ...deviceChecks,
  ...conflictChecks,
  ...waysIn,
  ...pathChecks,
  ...hostChecks,
];
