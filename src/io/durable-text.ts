/** Adapter of ports/DurableText: one file that survives power cuts, full disks and damage. */
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GatewayError, messageOf } from "../base/errors.ts";
import type { DurableText } from "../ports/files.ts";
import { writeFresh } from "./fresh-file.ts";

const BACKUPS = 3;
const DAMAGED_KEPT = 3;
/** A backup that follows every write would hold the same mistake within minutes, and flash wears. */
const BACKUP_EVERY_MS = 3_600_000;

/** Texts up to here are not written again when they are the same. Longer ones hardly ever are, and to digest them took as long as to make them. */
const COMPARED_CHARACTERS = 16_384;

type Accept = (text: string) => string | undefined;
type Loaded = { readonly text: string | undefined; readonly problems: readonly string[] };

/**
 * `path` with backups `path.1` (newest) to `path.3`. Files are readable by their owner only; directories that are missing are made
 * likewise. Writes wait for each other.
 */
export function openDurableText(path: string): DurableText {
  const file = new DurableFile(path);
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const result = turn.then(task);
    turn = result.catch(() => {});
    return result;
  };
  return {
    load: (accept) => inTurn(() => file.load(accept)),
    save: (text) => inTurn(() => file.save(text)),
  };
}

class DurableFile {
  /** Undefined: nothing yet, too long to be kept, or bytes. */
  #saved: string | undefined;
  #backedUpAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly path: string) {}

  async load(accept: Accept): Promise<Loaded> {
    const problems: string[] = [];
    for (const path of [this.path, ...this.#backups()]) {
      const text = await this.#readGood(path, accept, problems);
      if (text === undefined) continue;
      if (path !== this.path) problems.push(this.#fallbackNote(path, problems.length > 0));
      return { text, problems };
    }
    return { text: undefined, problems };
  }

  #backups(): readonly string[] {
    return Array.from({ length: BACKUPS }, (_, i) => `${this.path}.${i + 1}`);
  }

  async #readGood(path: string, accept: Accept, problems: string[]): Promise<string | undefined> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if (codeOf(error) !== "ENOENT") problems.push(`${path} cannot be read: ${messageOf(error)}.`);
      return undefined;
    }
    const refused = accept(text);
    if (refused === undefined) return text;
    problems.push(`${path} is damaged (${refused}); ${await this.#setAside(path)}.`);
    return undefined;
  }

  #fallbackNote(backup: string, damaged: boolean): string {
    const why = damaged ? "" : `${this.path} is missing. `;
    return `${why}The backup ${backup} is used instead; to start afresh, remove the backups as well.`;
  }

  async #setAside(path: string): Promise<string> {
    // With the backup's number: a backup is set aside in the same millisecond as the file itself.
    const which = path.slice(this.path.length);
    const aside = `${this.path}.damaged-${new Date().toISOString().replaceAll(":", "-")}${which}`;
    try {
      await rename(path, aside);
      await this.#pruneDamaged();
      return `it was set aside as ${aside}`;
    } catch (error) {
      return `it could not be set aside: ${messageOf(error)}`;
    }
  }

  async #pruneDamaged(): Promise<void> {
    const start = `${basename(this.path)}.damaged-`;
    const directory = dirname(this.path);
    const names = (await readdir(directory)).filter((name) => name.startsWith(start)).sort();
    for (const name of names.slice(0, -DAMAGED_KEPT)) await rm(join(directory, name), { force: true });
  }

  async save(text: string | Uint8Array): Promise<void> {
    if (text === this.#saved) return;
    const temporary = `${this.path}.tmp`;
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await writeFresh(temporary, text);
      await this.#backUp();
      await rename(temporary, this.path);
      await syncDirectory(dirname(this.path));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw saveError(this.path, error);
    }
    this.#saved = typeof text === "string" && text.length <= COMPARED_CHARACTERS ? text : undefined;
  }

  /** The version about to be replaced becomes `.1`. A file system that cannot keep a backup must not stop the save itself. */
  async #backUp(): Promise<void> {
    if (performance.now() - this.#backedUpAt < BACKUP_EVERY_MS) return;
    const [newest = "", ...older] = this.#backups();
    const fresh = `${newest}.tmp`;
    try {
      await rm(fresh, { force: true });
      await link(this.path, fresh).catch(() => copyFile(this.path, fresh));
    } catch {
      // Nothing to keep yet, or no room for a copy.
      return;
    }
    let to = older.at(-1) ?? newest;
    for (const from of [newest, ...older].slice(0, -1).reverse()) {
      await rename(from, to).catch(() => {});
      to = from;
    }
    await rename(fresh, newest).catch(() => {});
    this.#backedUpAt = performance.now();
  }
}

/** Makes the rename itself last. Some file systems cannot sync a directory; they order renames by themselves. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync().catch((error) => {
      if (codeOf(error) !== "EINVAL") throw error;
    });
  } finally {
    await directory.close();
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function saveError(path: string, cause: unknown): GatewayError {
  return new GatewayError(
    "state-write-failed",
    "operator",
    `${path} cannot be written: ${messageOf(cause)}`,
    hintFor(codeOf(cause)),
    { cause },
  );
}

function hintFor(code: string | undefined): string | undefined {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "free some space on that file system";
    case "EROFS":
      return "mount that file system writable, or set state.directory to another one";
    case "EACCES":
    case "EPERM":
      return "run as root, or give the gateway's user the right to write there";
    default:
      return undefined;
  }
}
