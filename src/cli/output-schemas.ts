/** What each command prints with `--json`, as schemas: published by `gateway schema`, and held against the real output by tests. */
import { z } from "zod";
import {
  device,
  deviceDetail,
  forward,
  inboundChoice,
  inboundList,
  logLevelsShown,
  plan,
  recentEntry,
  status,
} from "../api/contract.ts";
import { settingsJsonSchema } from "../config/json-schema.ts";
import { areas } from "../diagnose/finding.ts";
import { removedKinds } from "./cleanup-view.ts";

const iso = z.iso.datetime();
/** What the kernel says against what stands in the file; with `--direct` only. */
const shownDevice = device.extend({ notes: z.array(z.string()).optional() });

const statusOutput = status
  .extend({
    running: z.boolean(),
    pid: z.int().nullable().describe("Null: no daemon runs"),
    started_at: iso.nullable(),
    network: status.shape.network.nullable().describe("Null: not known"),
    devices: z.record(z.string(), shownDevice),
    config_file: z.string(),
    state_file: z.string(),
    state_written_at: iso.nullable(),
    proxies: z.array(z.object({ program: z.string(), processes: z.int() })),
    kernel: z.object({ identities: z.int(), rules: z.int(), nft_table: z.boolean() }),
  })
  .partial({
    // Of the API alone,
    eth0_up: true,
    eth1_up: true,
    timestamp: true,
    // and with --direct alone.
    config_file: true,
    state_file: true,
    state_written_at: true,
    proxies: true,
    kernel: true,
  });

const manualForward = forward.pick({ protocol: true, port: true, address: true, target: true });

const changedForwards = z.object({
  total: z.int(),
  forwards: z.array(manualForward.extend({ changed: z.boolean().describe("False: it was so before") })),
});

const storedChoice = inboundChoice.pick({ address: true, inbound: true, from: true });
const changedChoice = storedChoice.extend({ changed: z.boolean().describe("False: it was so before") });

const asked = z.object({ mac_address: z.string(), message: z.string() });

const exportRow = z.object({
  mac_address: z.string(),
  hostname: z.string().nullable(),
  vendor: z.string().nullable().describe("Null: not known"),
  status: device.shape.status,
  ipv4_address: z.string().nullable(),
  ipv4_wan_address: z.string().nullable(),
  ipv6_address: z.string().nullable(),
  discovered_at: iso.nullable(),
  last_seen: iso.nullable(),
});

const count = z.int().nonnegative();
const score = z.object({ passed: count, of: count });
const fixAction = z.object({ check: z.string(), action: z.string() });

const diagnosis = z.object({
  version: z.string(),
  at: iso,
  root: z.boolean().describe("False: not everything could be looked at"),
  daemon_pid: z.int().nullable(),
  summary: z.object({
    basic: score.describe("The original's 14 checks"),
    all: score,
    problems: count,
    warnings: count,
    unseen: count,
  }),
  findings: z.array(
    z.object({
      check: z.string().describe("As in docs/diagnose.md"),
      number: z.int().nullable().describe("Of the original's 14"),
      area: z.enum(areas),
      title: z.string(),
      severity: z.enum(["ok", "note", "warning", "problem"]),
      unseen: z.boolean(),
      text: z.string(),
      evidence: z.array(z.string()),
      fix: z
        .object({
          words: z.string(),
          safe: z.boolean().describe("Whether --fix-… does it"),
          group: z.enum(["network", "service"]),
          commands: z.array(z.string()),
        })
        .nullable(),
    }),
  ),
  fix: z
    .object({
      scope: z.enum(["all", "network", "service"]),
      planned: z.array(fixAction),
      done: z
        .array(fixAction.extend({ before: z.string().optional(), failure: z.string().optional() }))
        .nullable()
        .describe("Null: nothing was to be done, or only to be shown"),
    })
    .nullable(),
});

const checkedConfig = z.object({
  file: z.string(),
  exists: z.boolean().describe("False: there is none, and the defaults are in force"),
  valid: z.boolean(),
  problems: z.array(
    z.object({
      path: z.string().nullable().describe("The setting, as lan.address; null: the text as a whole"),
      line: z.int().positive().nullable().describe("Of the file; null: not known, or it is not in the file"),
      message: z.string(),
    }),
  ),
});

const removal = z.object({
  removed: z.object(Object.fromEntries(Object.values(removedKinds).map(([, name]) => [name, count]))),
  processes_ended: count,
  settings_restored: z.array(z.string()),
  failures: z.array(z.string()),
});

const selfTested = z.object({
  version: z.string(),
  passed: z.boolean(),
  checks: z.array(
    z.object({
      name: z.string(),
      passed: z.boolean(),
      text: z.string().describe("What was found, or why it failed"),
    }),
  ),
});

/** The configuration has a JSON Schema of its own. */
const settingsOf = (complete: boolean) => z.unknown().meta(settingsJsonSchema({ complete }));

/** By command. Of `events` it is that of each line. */
const outputs: Readonly<Record<string, z.ZodType>> = {
  status: statusOutput,
  devices: z.object({ total: z.int(), devices: z.array(shownDevice) }),
  device: deviceDetail,
  events: recentEntry,
  plan,
  diagnose: diagnosis,
  retry: asked,
  forget: asked,
  "log-level": logLevelsShown,
  "config check": checkedConfig,
  "config show": z.object({
    file: z.string(),
    exists: checkedConfig.shape.exists,
    settings: settingsOf(true),
  }),
  "config import": z.object({
    settings: settingsOf(false),
    notes: z.array(z.string()).describe("What was left out, and why"),
  }),
  "self-test": selfTested,
  cleanup: removal,
  export: z.object({ exported_at: iso, total: z.int(), devices: z.array(exportRow) }),
  "port-forward list": z.object({ total: z.int(), forwards: z.array(manualForward) }),
  "port-forward add": changedForwards,
  "port-forward remove": changedForwards,
  "port-forward quick-device": changedForwards,
  "ipv6-forward enable": changedChoice,
  "ipv6-forward disable": changedChoice,
  "ipv6-forward status": z.object({
    default: inboundList.shape.default,
    total: z.int(),
    devices: z.array(storedChoice),
  }),
};

/** JSON Schema, draft 2020-12, by command. */
export const outputSchemas = (): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(outputs).map(([command, schema]) => [
      command,
      { title: `gateway ${command}`, ...z.toJSONSchema(schema, { target: "draft-2020-12" }) },
    ]),
  );
