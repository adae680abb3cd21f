/** Settings under /proc/sys; read and written at once, since each takes microseconds and a thousand devices have thousands of them. */
import { readFileSync, writeFileSync } from "node:fs";
import { GatewayError, messageOf } from "../../base/errors.ts";
import { loadQuickWrite, type QuickWrite } from "./quick-write.ts";

const pathOf = (key: string): string => `/proc/sys/${key}`;
const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Loaded at the first setting that is written; most commands write none. */
let quickWrite: QuickWrite | undefined;

/** Undefined when there is no such setting. */
export function readSysctl(key: string): string | undefined {
  try {
    return readFileSync(pathOf(key), "utf8").trim();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw sysctlError(key, "cannot be read", error);
  }
}

/** Errors: GatewayError "sysctl-failed"; the operator's to mend when rights are missing or /proc/sys is read-only. */
export function writeSysctl(key: string, value: string): void {
  quickWrite ??= loadQuickWrite() ?? (() => false);
  if (quickWrite(pathOf(key), `${value}\n`)) return;
  try {
    // Only what is there: with "w" Node would ask for a new file and the kernel would answer EACCES instead of ENOENT.
    writeFileSync(pathOf(key), `${value}\n`, { flag: "r+" });
  } catch (error) {
    throw sysctlError(key, `does not take "${value}"`, error);
  }
}

function sysctlError(key: string, what: string, cause: unknown): GatewayError {
  const rights = ["EACCES", "EPERM", "EROFS"].includes(codeOf(cause) ?? "");
  return new GatewayError(
    "sysctl-failed",
    rights ? "operator" : "kernel",
    `the kernel setting ${key} ${what}: ${messageOf(cause)}`,
    rights ? "run as root, where /proc/sys is writable" : undefined,
    { cause },
  );
}
