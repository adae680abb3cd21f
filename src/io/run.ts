/** Runs one program to its end. */
import { spawn } from "node:child_process";
import { delimiter } from "node:path";
import type { Readable } from "node:stream";
import { GatewayError } from "../base/errors.ts";

const SYSTEM_DIRECTORIES = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/** The PATH with the system directories that a plain user's lacks; network tools live there. */
export function toolPath(): string {
  const own = (process.env.PATH ?? "").split(delimiter).filter((directory) => directory !== "");
  return [...new Set([...own, ...SYSTEM_DIRECTORIES])].join(delimiter);
}

/** Messages in English, whatever the user's language: they are parsed. */
export const toolEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: "C", PATH: toolPath() });

export interface Ran {
  /** 0 is success; a process ended by a signal counts as 128. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 30_000;

/**
 * Runs `command` with `input` on its stdin, in `directory` or in our own. A failing exit code is a result, not an error.
 * Errors: GatewayError "tool-missing" (not installed), "tool-failed" (cannot be started).
 */
export async function run(
  command: string,
  args: readonly string[],
  input = "",
  directory?: string,
): Promise<Ran> {
  const child = spawn(command, args, {
    env: toolEnvironment(),
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
    cwd: directory,
  });
  // A program that ends before it has read everything breaks the pipe; its exit code says more.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([
    collect(child.stdout),
    collect(child.stderr),
    new Promise<number>((resolve, reject) => {
      child.once("error", (error: NodeJS.ErrnoException) => reject(startError(command, error)));
      child.once("close", (exit) => resolve(exit ?? 128));
    }),
  ]);
  return { code, stdout, stderr };
}

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Why a program could not be started: GatewayError "tool-missing" or "tool-failed". */
export function startError(command: string, error: NodeJS.ErrnoException): GatewayError {
  return error.code === "ENOENT"
    ? new GatewayError("tool-missing", "operator", `the program ${command} is not installed`, undefined, {
        cause: error,
      })
    : new GatewayError("tool-failed", "kernel", `${command} cannot be started: ${error.message}`, undefined, {
        cause: error,
      });
}
