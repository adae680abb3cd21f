/** The import table: who may import whom (docs/ARCHITECTURE.md), as rules with reasons for dependency-cruiser. */
import { cruise, type IConfiguration, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";

interface Ring {
  readonly ring: string;
  /** Folders of ours it may import, besides itself. */
  readonly rings: readonly string[];
  /** Modules of other rings of which it may import types alone. */
  readonly types?: readonly string[];
  /** Packages and node builtins it may import, as patterns over the resolved path or name. */
  readonly packages: readonly string[];
  readonly because: string;
}

const all = [
  "base",
  "wire",
  "machine",
  "config",
  "plan",
  "ports",
  "app",
  "io",
  "api",
  "diagnose",
  "cli",
  "web",
];

/** An allow list a ring: what is not named is forbidden. */
export const table: readonly Ring[] = [
  { ring: "base", rings: [], packages: ["ipaddr.js"], because: "everything rests on it" },
  {
    ring: "wire",
    rings: ["base"],
    packages: [],
    because: "codecs are pure: bytes and values, no state, no clock",
  },
  {
    ring: "machine",
    rings: ["base", "wire"],
    packages: [],
    because: "replay needs no clock, no socket, no randomness of its own",
  },
  {
    ring: "config",
    rings: ["base"],
    packages: ["zod", "smol-toml"],
    because: "what stands in files is checked without reading files",
  },
  {
    ring: "plan",
    rings: ["base", "config"],
    packages: [],
    because: "the plan can be shown and tested without a kernel",
  },
  { ring: "ports", rings: ["base", "wire", "plan"], packages: [], because: "interfaces only" },
  {
    ring: "app",
    rings: ["base", "wire", "machine", "config", "plan", "ports"],
    packages: [],
    because: "the moving parts run against fakes as against the kernel",
  },
  {
    ring: "io",
    rings: ["base", "wire", "ports", "plan"],
    packages: ["node:", "koffi", "pino", "@hono/node-server", "eventsource-parser"],
    because: "the only place for effects, and it knows no machine",
  },
  {
    ring: "api",
    rings: ["base", "config", "plan", "ports", "app"],
    packages: ["hono", "@hono", "zod", "rate-limiter-flexible", "prom-client"],
    because: "the API is the app in other words; who listens where is io's",
  },
  {
    ring: "diagnose",
    rings: ["base", "config", "plan"],
    packages: [],
    because: "a check judges facts that others gathered, so that every fault can be told to it in a test",
  },
  {
    ring: "cli",
    rings: ["base", "config", "api", "plan", "ports", "io", "diagnose"],
    packages: ["commander", "csv-stringify", "zod", "node:"],
    because: "commands talk to the API; the direct ones read the state file and the kernel",
  },
  {
    ring: "web",
    rings: [],
    types: ["src/api/contract.ts"],
    packages: ["preact", "@preact", "uplot", "@tanstack", "eventsource-parser"],
    because: "it runs in a browser, and knows of the gateway what the API says",
  },
];

/** Tests and the composition root may import anything. */
const outsideTheRings = "\\.test\\.ts$|^src/(main\\.ts$|wiring/)";

const exactly = (paths: readonly string[]): string => `^(${paths.join("|").replaceAll(".", "\\.")})$`;

/** Of these modules the ring imports nothing that is there when it runs. */
const typesOnly = (ring: string, types: readonly string[], because: string): IForbiddenRuleType[] =>
  types.length === 0
    ? []
    : [
        {
          name: `${ring}-types`,
          severity: "error",
          comment: because,
          from: { path: `^src/${ring}/`, pathNot: outsideTheRings },
          to: { path: exactly(types), dependencyTypesNot: ["type-only"] },
        },
      ];

function rulesFor({ ring, rings, types = [], packages, because }: Ring): IForbiddenRuleType[] {
  const from = { path: `^src/${ring}/`, pathNot: outsideTheRings };
  const strangers = all.filter((other) => other !== ring && !rings.includes(other));
  const named = packages.map((p) => (p === "node:" ? "^node:" : `node_modules/${p}/|^${p}$`));
  return [
    {
      name: `${ring}-rings`,
      severity: "error",
      comment: because,
      from,
      to: {
        path: `^src/(${strangers.join("|")}|wiring/|main\\.ts$)`,
        ...(types.length > 0 ? { pathNot: exactly(types) } : {}),
      },
    },
    ...typesOnly(ring, types, because),
    {
      name: `${ring}-packages`,
      severity: "error",
      comment: because,
      from,
      to: { path: "^node:|node_modules/", ...(named.length > 0 ? { pathNot: named.join("|") } : {}) },
    },
    {
      name: `${ring}-builtins`,
      severity: "error",
      comment: because,
      from,
      to: packages.includes("node:") ? { couldNotResolve: true } : { dependencyTypes: ["core", "unknown"] },
    },
  ];
}

const configuration: IConfiguration = {
  forbidden: [
    ...table.flatMap(rulesFor),
    {
      name: "no-circles",
      severity: "error",
      comment: "a circle has no inside",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
};

/** Runs the check over folders, with their names as seen from `root`. */
export async function checkRings(root: string, folders: readonly string[]): Promise<ICruiseResult> {
  const result = await cruise([...folders], {
    ruleSet: configuration,
    validate: true,
    baseDir: root,
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
    },
  });
  if (typeof result.output === "string") throw new Error(result.output);
  return result.output;
}
