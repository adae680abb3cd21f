/** ports/Files, ports/DurableText and ports/Processes in memory. */
import { GatewayError } from "../../src/base/errors.ts";
import type { DurableText, Files } from "../../src/ports/files.ts";
import type { Listener, Outcome, Processes, ProcessSpec, Supervised } from "../../src/ports/processes.ts";

const textOf = (text: string | Uint8Array): string =>
  typeof text === "string" ? text : new TextDecoder().decode(text);

export class MemoryText implements DurableText {
  text: string | undefined;
  saves = 0;
  failNext = false;

  async load(accept: (text: string) => string | undefined) {
    const refused = this.text === undefined ? undefined : accept(this.text);
    return refused === undefined
      ? { text: this.text, problems: [] }
      : { text: undefined, problems: [`devices.json was set aside: ${refused}`] };
  }

  async save(text: string | Uint8Array): Promise<void> {
    if (this.failNext) {
      this.failNext = false;
      throw new GatewayError(
        "state-write-failed",
        "operator",
        "devices.json cannot be written: no space left on device",
        "free some space",
      );
    }
    this.saves++;
    this.text = textOf(text);
  }
}

/** Like the file system: writing into a directory that nobody made fails. */
export class MemoryFiles implements Files {
  readonly texts = new Map<string, string>();
  readonly #directories = new Set<string>();
  readonly #watchers = new Map<string, Set<() => void>>();

  async read(path: string): Promise<string | undefined> {
    return this.texts.get(path);
  }
  async write(path: string, text: string | Uint8Array): Promise<void> {
    const directory = path.slice(0, path.lastIndexOf("/"));
    if (!this.#directories.has(directory))
      throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    this.texts.set(path, textOf(text));
    for (const onChange of this.#watchers.get(path) ?? []) onChange();
  }
  async remove(path: string): Promise<void> {
    this.texts.delete(path);
  }
  async makeDirectory(path: string): Promise<void> {
    this.#directories.add(path);
  }
  watch(path: string, onChange: () => void): () => void {
    const watchers = this.#watchers.get(path) ?? new Set();
    this.#watchers.set(path, watchers.add(onChange));
    return () => watchers.delete(onChange);
  }
}

export class FakeProcesses implements Processes {
  readonly running = new Map<number, ProcessSpec>();
  #nextPid = 100;

  async supervise(spec: ProcessSpec): Promise<Supervised> {
    if (spec.marker !== undefined) await this.end(await this.find(spec.marker));
    const pid = this.#nextPid++;
    this.running.set(pid, spec);
    return { pid, reload: () => {}, stop: () => this.end([pid]), leave: () => {} };
  }
  async find(marker: string): Promise<readonly number[]> {
    return [...this.running].flatMap(([pid, spec]) => (spec.marker === marker ? [pid] : []));
  }
  async end(pids: readonly number[]): Promise<void> {
    for (const pid of pids) this.running.delete(pid);
  }
  async run(): Promise<Outcome> {
    return { code: 0, output: "" };
  }
  watch(): () => void {
    return () => {};
  }
  processorOf(): number | undefined {
    return undefined;
  }
  async listeners(): Promise<readonly Listener[]> {
    return [];
  }
  async has(): Promise<boolean> {
    return true;
  }
}
