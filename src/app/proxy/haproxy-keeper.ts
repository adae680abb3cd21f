/** One pass of keeping HAProxy as it should be: configuration, process, devices; each from what is seen now. */
import { GatewayError, messageOf } from "../../base/errors.ts";
import type { Mac } from "../../base/mac.ts";
import { type HaproxyStatic, renderHaproxyStatic } from "../../plan/haproxy.ts";
import { HaproxyKnown } from "../../plan/haproxy-known.ts";
import { haproxyFiles, serverName } from "../../plan/haproxy-names.ts";
import type { HaproxyInfo } from "../../plan/haproxy-observed.ts";
import { type HaproxyTables, haproxyTables } from "../../plan/haproxy-tables.ts";
import type { ProxyDesired } from "../../plan/proxy.ts";
import type { HaproxyParts } from "./haproxy.ts";
import type { HaproxyFiles } from "./haproxy-files.ts";
import { complaint, type HaproxyInstance } from "./haproxy-instance.ts";
import {
  type MachineSettings,
  portsOf,
  readMachineSettings,
  wantedSettings,
  withoutTaken,
} from "./haproxy-settings.ts";
import { syncHaproxy } from "./haproxy-sync.ts";
import { type PartOutcome, syncPart } from "./haproxy-sync-part.ts";
import type { Problems } from "./problems.ts";

/** So many passes without an answer, and another process takes its place. */
const SILENCES = 3;

export class HaproxyKeeper {
  #machine: MachineSettings | undefined;
  /** The configuration that HAProxy accepted last. */
  #good: HaproxyStatic | undefined;
  #silences = 0;
  info: HaproxyInfo | undefined;
  /** What it had when it was looked at, and what it was told since. */
  known: HaproxyKnown | undefined;
  /** Whether `known` is still to be relied on. */
  trusted = false;

  constructor(
    private readonly parts: HaproxyParts,
    private readonly instance: HaproxyInstance,
    private readonly files: HaproxyFiles,
    private readonly problems: Problems,
  ) {}

  /** Whether all is done. Errors: whatever keeps HAProxy from serving; what only keeps it from changing is a problem told. */
  async pass(desired: ProxyDesired): Promise<boolean> {
    this.trusted = false;
    const tables = haproxyTables(desired);
    const wanted = await this.#usable(desired);
    const written = await this.#put(tables, wanted);
    if (!this.instance.running && !(await this.instance.adopt())) await this.#start();
    this.info = await this.#ask();
    if (written && this.#good) await this.#reload(this.#good);
    const { sockets } = this.parts;
    const { sendProxy } = this.#good ?? desired;
    const { observed, left, complaints } = await syncHaproxy(
      sockets,
      this.instance.socket,
      tables,
      sendProxy,
    );
    this.known = new HaproxyKnown(observed, this.info.pid);
    this.trusted = true;
    const refused = complaints.length > 0 ? `HAProxy refuses a change: ${complaints[0]}.` : undefined;
    this.problems.set("sync", refused);
    return left === 0;
  }

  /**
   * Brings only these devices into the instance that was looked at last; `desired` has no others. On disk they are not before `write`, nor before the next
   * pass, which comes ahead of a start.
   */
  async part(macs: readonly Mac[], desired: ProxyDesired): Promise<PartOutcome> {
    const outcome = await this.#part(macs, desired).catch(() => "doubt" as const);
    if (outcome === "doubt") this.trusted = false;
    return outcome;
  }

  async #part(macs: readonly Mac[], desired: ProxyDesired): Promise<PartOutcome> {
    if (!this.known || !(await this.#isStill(this.known))) return "doubt";
    const { sendProxy } = this.#good ?? desired;
    const ask = (line: string): Promise<string> => this.parts.sockets.ask(this.instance.socket, line);
    return syncPart(ask, this.known, macs.map(serverName), haproxyTables(desired), sendProxy);
  }

  /** Somebody may have reloaded it. */
  async #isStill({ pid }: HaproxyKnown): Promise<boolean> {
    if (!this.instance.running) return false;
    const info = await this.instance.info();
    if (!info) return false;
    this.info = info;
    return info.pid === pid && info.description === this.#good?.description;
  }

  /** Brings the devices to the disk. */
  async write(desired: ProxyDesired): Promise<void> {
    await this.#put(haproxyTables(desired));
  }

  /** The static part with what is to be had; who holds the rest is told. */
  async #usable(desired: ProxyDesired): Promise<HaproxyStatic> {
    const { processes, files, maxDevices, logConnections } = this.parts;
    this.#machine ??= await readMachineSettings(files, maxDevices);
    const wanted = wantedSettings(desired, this.#machine, logConnections);
    const all = renderHaproxyStatic(wanted);
    if (this.instance.running && this.info?.description === all.description) {
      this.problems.setAll("port ", new Map());
      return all;
    }
    const ours = new Set(await this.instance.pids());
    const others = (await processes.listeners(portsOf(desired))).filter(
      ({ pid }) => pid === undefined || !ours.has(pid),
    );
    const { settings, missing } = withoutTaken(wanted, others);
    this.problems.setAll("port ", missing);
    return renderHaproxyStatic(settings);
  }

  /** Whether the files on disk are as they should be, by the last configuration that was accepted. */
  async #put(tables: HaproxyTables, wanted = this.#good): Promise<boolean> {
    const directory = this.parts.runtimeDirectory;
    try {
      await this.files.prepare();
      if (wanted && this.#good?.description !== wanted.description) await this.#check(wanted, tables);
      if (this.#good) await this.files.write(this.#good, tables);
    } catch (thrown) {
      this.problems.set("files", `HAProxy's files in ${directory} cannot be written: ${messageOf(thrown)}.`);
      return false;
    }
    this.problems.set("files", undefined);
    return true;
  }

  async #check(wanted: HaproxyStatic, tables: HaproxyTables): Promise<void> {
    const { processes, runtimeDirectory } = this.parts;
    await this.files.writeCandidate(wanted, tables);
    const candidate = this.files.path(haproxyFiles.candidate);
    const refused = await processes.run("haproxy", ["-c", "-f", candidate], runtimeDirectory).then(
      ({ code, output }) => (code === 0 ? undefined : complaint(output, code)),
      (thrown: unknown) => messageOf(thrown),
    );
    await this.files.removeCandidate();
    if (refused === undefined) this.#good = wanted;
    const still = this.#good ? "; the one before stays in use" : "";
    this.problems.set(
      "config",
      refused && `HAProxy does not accept its new configuration (${refused})${still}.`,
    );
  }

  async #start(): Promise<void> {
    if (!this.#good) throw new GatewayError("haproxy-start", "operator", "there is no configuration for it");
    await this.instance.start();
    this.parts.log.info("HAProxy started");
  }

  async #ask(): Promise<HaproxyInfo> {
    const info = await this.instance.info();
    if (info) {
      this.#silences = 0;
      return info;
    }
    this.#silences++;
    if (this.#silences >= SILENCES) {
      this.#silences = 0;
      this.instance.release();
      await this.#start();
    }
    throw new GatewayError("haproxy-silent", "kernel", "it does not answer");
  }

  async #reload({ description }: HaproxyStatic): Promise<void> {
    if (this.info?.description === description) return;
    await this.instance.reload(description);
    this.info = await this.#ask();
    this.parts.log.info("HAProxy reloaded: its ports or settings are others than before");
  }
}
