/** Adapter of ports/Files. */
import { type FSWatcher, watch as watchDirectory } from "node:fs";
import { access, constants, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Files } from "../ports/files.ts";

/** One write of a file makes several events. */
const COALESCE_MS = 20;
const LOOK_AGAIN_MS = 1_000;

export const systemFiles: Files = {
  async read(path) {
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  },

  /** Whole or not at all, for a child that may read at any moment. */
  async write(path, text) {
    const temporary = `${path}.tmp`;
    await writeFile(temporary, text, { mode: 0o644 });
    await rename(temporary, path);
  },

  remove: (path) => rm(path, { force: true }),

  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: 0o755 });
  },

  watch,
};

/** Whether the file system forbids to write there, whoever asks. */
export async function isReadOnly(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EROFS";
  }
}

/** Watches the directory, because a file that is replaced or not there yet cannot be watched itself. */
function watch(path: string, onChange: () => void): () => void {
  const name = basename(path);
  let watcher: FSWatcher | undefined;
  let pending: NodeJS.Timeout | undefined;
  let retry: NodeJS.Timeout | undefined;
  let lost = false;
  const tell = (): void => {
    pending ??= setTimeout(() => {
      pending = undefined;
      onChange();
    }, COALESCE_MS);
  };
  const again = (): void => {
    watcher?.close();
    watcher = undefined;
    lost = true;
    retry = setTimeout(start, LOOK_AGAIN_MS);
  };
  const start = (): void => {
    try {
      watcher = watchDirectory(dirname(path), (_event, changed) => {
        if (changed === null || changed === name) tell();
      });
    } catch {
      again();
      return;
    }
    watcher.on("error", again);
    // What happened while the directory was away is unknown.
    if (lost) tell();
    lost = false;
  };
  start();
  return () => {
    clearTimeout(pending);
    clearTimeout(retry);
    watcher?.close();
  };
}
