/** Carries the safe fixes out. Part of the composition root. */
import { rename } from "node:fs/promises";
import { messageOf } from "../base/errors.ts";
import { parseStateFile } from "../config/state-file.ts";
import type { FixAction } from "../diagnose/finding.ts";
import { actionText, type DoneFix, type PlannedFix } from "../diagnose/fixing.ts";
import { openDurableText } from "../io/durable-text.ts";
import { systemKernel } from "../io/kernel/kernel.ts";
import { systemProcesses } from "../io/processes.ts";
import { run } from "../io/run.ts";
import { serviceFacts } from "./diagnose-system.ts";

/** One after the other; one that fails keeps none of the others. */
export async function applyFixes(planned: readonly PlannedFix[]): Promise<readonly DoneFix[]> {
  const done: DoneFix[] = [];
  for (const { id, fix } of planned)
    for (const action of fix.actions) {
      const told = { id, action: actionText(action) };
      try {
        const before = await apply(action);
        done.push(before === undefined ? told : { ...told, before });
      } catch (thrown) {
        done.push({ ...told, failure: messageOf(thrown) });
      }
    }
  return done;
}

/** Gives what was there before, where that can be told. */
async function apply(action: FixAction): Promise<string | undefined> {
  switch (action.kind) {
    case "write-setting": {
      const before = await systemKernel.readSysctl(action.key);
      await systemKernel.writeSysctl(action.key, action.value);
      return before;
    }
    case "service":
      await service(action.verb);
      return undefined;
    case "remove-file":
      await rename(action.path, `${action.path}.stale`);
      return `kept as ${action.path}.stale`;
    case "restore-state":
      return restoreState(action.path);
    case "end-processes":
      await systemProcesses.end(action.pids);
      return undefined;
  }
}

async function service(verb: "start" | "enable"): Promise<void> {
  const { manager, file = "" } = serviceFacts();
  const name = "ipv4-ipv6-gateway";
  const { code, stderr } =
    manager === "systemd" ? await run("systemctl", [verb, name]) : await run(file, [verb]);
  if (code !== 0) throw new Error(stderr.trim() || `exit code ${code}`);
}

/** As a start of the gateway would: what is damaged keeps its text under another name. */
async function restoreState(path: string): Promise<string> {
  const file = openDurableText(path);
  const { text, problems } = await file.load((content) => {
    const parsed = parseStateFile(content);
    return parsed.ok ? undefined : parsed.error;
  });
  if (text !== undefined) await file.save(text);
  return problems.join(" ");
}
