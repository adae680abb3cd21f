/** What the scenarios about `gateway diagnose` share. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { columnsOf } from "../../src/cli/text.ts";
import type { LabDescription } from "../description.ts";
import type { GatewayConfig } from "../gateway.ts";
import { diffKernelStates, type KernelState } from "../kernel-state.ts";
import type { Lab } from "../topology.ts";
import { registered, startGateway } from "./network.ts";
import { quick6 } from "./network6.ts";
import { addServingDevice, type ReachedDevice, waitForAddresses } from "./reach.ts";

export interface DiagnosedFinding {
  readonly check: string;
  readonly number: number | null;
  readonly severity: "ok" | "note" | "warning" | "problem";
  readonly unseen: boolean;
  readonly text: string;
  readonly evidence: readonly string[];
  readonly fix: { readonly words: string; readonly safe: boolean; readonly group: string } | null;
}

export interface Diagnosed {
  readonly code: number;
  readonly findings: readonly DiagnosedFinding[];
  readonly summary: {
    readonly basic: { readonly passed: number; readonly of: number };
    readonly all: { readonly passed: number; readonly of: number };
    readonly problems: number;
    readonly warnings: number;
  };
  readonly fix: {
    readonly planned: readonly { readonly check: string; readonly action: string }[];
    readonly done:
      | readonly { readonly check: string; readonly action: string; readonly failure?: string }[]
      | null;
  } | null;
}

export const dualStack: LabDescription = {
  wan: { ipv6: {}, registered: registered(1, 2), clients: ["dual"] },
};
export const diagnosable: GatewayConfig = { ...quick6, api: { enabled: true } };

/** The gateway with two devices that have both families. */
export async function startWithTwo(
  lab: Lab,
  config: GatewayConfig = diagnosable,
): Promise<readonly [ReachedDevice, ReachedDevice]> {
  await startGateway(lab, config);
  const [first, second] = await Promise.all([1, 2].map((n) => addServingDevice(lab, n, { web: [80] })));
  if (!first || !second) throw new Error("two devices were asked for");
  const wanted = { four: 1, six: 1 };
  return [await waitForAddresses(lab, first, wanted), await waitForAddresses(lab, second, wanted)];
}

/** @param wrap a command that runs it, as `["faketime", …]` */
export async function diagnose(
  lab: Lab,
  args: readonly string[] = [],
  wrap: readonly string[] = [],
): Promise<Diagnosed> {
  const { code, stdout, stderr } = await lab.gateway.commandBy(wrap, ["diagnose", "--json", ...args]);
  if (code > 1) throw new Error(`gateway diagnose: exit code ${code}: ${stderr}`);
  expect(stderr).toBe("");
  return { code, ...(JSON.parse(stdout) as Omit<Diagnosed, "code">) };
}

/** What is not well, as `check: severity: text [evidence]`. */
export const badOf = ({ findings }: Diagnosed): readonly string[] =>
  findings
    .filter(({ severity }) => severity === "problem" || severity === "warning")
    .map(({ check, severity, text, evidence }) => `${check}: ${severity}: ${text} [${evidence.join("; ")}]`);

/** Checks that are not well. */
export const badChecks = (diagnosed: Diagnosed): readonly string[] => [
  ...new Set(badOf(diagnosed).map((line) => line.split(":")[0] ?? "")),
];

/** Waits until this check says a problem or a warning that matches; all others that are bad are among `besides`. */
export async function expectCause(
  lab: Lab,
  check: string,
  words: RegExp,
  besides: readonly string[] | "any" = [],
  wrap: readonly string[] = [],
): Promise<Diagnosed> {
  let last: Diagnosed | undefined;
  const found = await lab.gateway.waitFor(
    `diagnose names ${check}`,
    async () => {
      last = await diagnose(lab, [], wrap);
      return badOf(last).some((line) => line.startsWith(`${check}: `) && words.test(line)) && last;
    },
    { timeoutMs: 40_000, everyMs: 500, explain: () => (last ? badOf(last).join("\n") : "never answered") },
  );
  const others = badChecks(found).filter((id) => id !== check && besides !== "any" && !besides.includes(id));
  expect(others, badOf(found).join("\n")).toEqual([]);
  return found;
}

/** Neither problem nor warning, once what goes on has come to rest. */
export async function expectHealthy(lab: Lab): Promise<Diagnosed> {
  let last: Diagnosed | undefined;
  return lab.gateway.waitFor(
    "diagnose finds nothing",
    async () => {
      last = await diagnose(lab);
      return badOf(last).length === 0 && last;
    },
    { timeoutMs: 40_000, everyMs: 500, explain: () => (last ? badOf(last).join("\n") : "never answered") },
  );
}

/** As a person sees it: no line is longer than the terminal. */
export async function readReport(lab: Lab): Promise<string> {
  const { stdout } = await lab.gateway.command(["diagnose"]);
  for (const line of stdout.split("\n")) expect(columnsOf(line), line).toBeLessThanOrEqual(80);
  return stdout;
}

export interface Machine {
  readonly kernel: KernelState;
  /** By path below the gateway's directory. */
  readonly files: ReadonlyMap<string, string>;
}

/** Everything that a fix could change: the kernel's network state, processes, and all files of the gateway by content. */
export async function machine(lab: Lab): Promise<Machine> {
  const root = lab.gateway.directory;
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries.filter((e) => e.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.set(
      path.slice(root.length + 1),
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    );
  }
  return { kernel: await lab.gateway.kernelState(), files };
}

/** Without the seconds that what a router advertised still lasts. */
const still = (state: KernelState): KernelState => ({
  ...state,
  routes: state.routes.map((line) => line.replace(/"expires":\d+,?/, "")).sort(),
});

/** What is different, a line each. */
export function changes(before: Machine, after: Machine): readonly string[] {
  const paths = [...new Set([...before.files.keys(), ...after.files.keys()])].sort();
  const files = paths.filter((path) => before.files.get(path) !== after.files.get(path));
  return [
    ...diffKernelStates(still(before.kernel), still(after.kernel)),
    ...files.map((path) => `file ${path}`),
  ];
}
