/** Adapter of ports/HookSink: a program of the operator, without a shell and in a group of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import type { HookMessage, HookSink } from "../ports/hooks.ts";
import { toolPath } from "./run.ts";

export interface HookProgramOptions {
  readonly path: string;
  readonly timeoutMs: number;
}

/** Of its complaints. */
const mostText = 300;

export function hookProgram({ path, timeoutMs }: HookProgramOptions): HookSink {
  const running = new Set<ChildProcess>();

  /** Gives how it ended; undefined: well. */
  const run = ({ event, mac, body }: HookMessage): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      const child = spawn(path, [event, mac], {
        // Nothing of ours: neither what we were started with, nor our directory.
        env: { PATH: toolPath(), LC_ALL: "C" },
        cwd: "/",
        detached: true,
        stdio: ["pipe", "ignore", "pipe"],
      });
      running.add(child);
      let said = "";
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        endGroup(child);
      }, timeoutMs);
      child.stderr?.on("data", (chunk: Buffer) => {
        said = (said + chunk.toString("utf8")).slice(0, mostText);
      });
      // It need not read what it is told.
      child.stdin?.on("error", () => {});
      child.stdin?.end(body);
      const ended = (): void => {
        clearTimeout(timer);
        running.delete(child);
        // A grandchild may hold it open for ever.
        child.stderr?.destroy();
      };
      child.once("error", (error) => {
        ended();
        reject(error);
      });
      child.once("exit", (code, signal) => {
        ended();
        if (late) resolve(`it did not end within ${timeoutMs / 1000} s and was killed`);
        else if (code === 0) resolve(undefined);
        else resolve(`${signal ?? `exit code ${code}`}${said === "" ? "" : `: ${said.trim()}`}`);
      });
    });

  return {
    name: "executable",
    async deliver(message) {
      const failure = await run(message);
      if (failure !== undefined) throw new Error(failure);
    },
    stop() {
      for (const child of running) endGroup(child);
    },
  };
}

/** With all that it started. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
