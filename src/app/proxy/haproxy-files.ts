/** What HAProxy reads at its start: always the whole truth, so that a crash or a reload loses nothing. */
import type { HaproxyStatic } from "../../plan/haproxy.ts";
import { renderHaproxy } from "../../plan/haproxy.ts";
import { haproxyFiles as names } from "../../plan/haproxy-names.ts";
import { type HaproxyTables, renderMap } from "../../plan/haproxy-tables.ts";
import type { Files } from "../../ports/files.ts";

export class HaproxyFiles {
  constructor(
    private readonly files: Files,
    private readonly directory: string,
  ) {}

  path(name: string): string {
    return `${this.directory}/${name}`;
  }

  /** Makes what a check of the configuration needs. */
  async prepare(): Promise<void> {
    await this.files.makeDirectory(this.directory);
    await this.files.makeDirectory(this.path(names.root));
    for (const name of [names.devices, names.ports])
      if ((await this.files.read(this.path(name))) === undefined) await this.files.write(this.path(name), "");
  }

  /**
   * HAProxy may read at any moment: no address may lead to a server that is not in the configuration, because it would choose another. So addresses go before
   * their servers and come after them.
   */
  async write(settings: HaproxyStatic, tables: HaproxyTables): Promise<void> {
    const before = (await this.files.read(this.path(names.devices))) ?? "";
    const devices = renderMap(tables.devices);
    const wanted = new Set(devices.split("\n"));
    const kept = before.split("\n").filter((line) => wanted.has(line));
    await this.#put(names.devices, kept.join("\n"));
    await this.#put(names.config, renderHaproxy(settings, tables));
    await this.#put(names.ports, renderMap(tables.ports));
    await this.#put(names.devices, devices);
  }

  /** A configuration to be checked, beside the one in use. */
  async writeCandidate(settings: HaproxyStatic, tables: HaproxyTables): Promise<void> {
    await this.files.write(this.path(names.candidate), renderHaproxy(settings, tables));
  }

  removeCandidate(): Promise<void> {
    return this.files.remove(this.path(names.candidate));
  }

  async #put(name: string, text: string): Promise<void> {
    if ((await this.files.read(this.path(name))) !== text) await this.files.write(this.path(name), text);
  }
}
