/** Adapter of ports/Log: pino with a plain destination that writes text or JSON to standard error and to a rotating file. */
import { fstatSync, writeSync } from "node:fs";
import { pino } from "pino";
import { messageOf } from "../base/errors.ts";
import { type LogArea, type LogLevel, type LogLevels, levelOf, logLevels } from "../base/log-areas.ts";
import type { Log, LogFields } from "../ports/log.ts";
import { Batched } from "./log/batched.ts";
import { formatJournal, formatJson, formatRecord, type LogRecord } from "./log/format.ts";
import { RotatingFile, type RotationLimits } from "./log/rotating-file.ts";

export interface LogOptions {
  readonly level: LogLevel;
  /** Other levels of single areas. */
  readonly areas?: LogLevels["areas"];
  /** `text` for people unless told otherwise. */
  readonly format?: "text" | "json" | "syslog";
  /** Beside standard error; empty or absent means none. */
  readonly file?: string | undefined;
  readonly rotation?: RotationLimits;
  /** Where lines go besides the file, one or several at a time; standard error unless told otherwise. */
  readonly echo?: (lines: string) => void;
  /** Whether the echo is read by systemd's journal or syslog, which have clocks of their own; found out unless told. */
  readonly journal?: boolean;
}

export interface OpenLog extends Log {
  readonly levels: LogLevels;
  setLevel(level: LogLevel): void;
  /** Undefined: as the rest. */
  setArea(area: LogArea, level: LogLevel | undefined): void;
  close(): void;
}

const FIVE_MEGABYTES_THREE_OLD: RotationLimits = { bytes: 5 * 1024 * 1024, files: 3 };
const rank = Object.fromEntries(logLevels.map((level, i) => [level, i])) as Record<LogLevel, number>;

/** A file that could not be written is tried again after so long: a full disk is empty some day. */
const againAfterMs = 30_000;

/** Never throws: that a file cannot be written is said once, and that it can again too. */
export function openLog(options: LogOptions): OpenLog {
  const destination = new Destination(options);
  const logger = pino({ level: "debug", base: null }, destination);
  let levels: LogLevels = { level: options.level, areas: { ...options.areas } };
  const at =
    (area: LogArea, level: LogLevel) =>
    (message: string, fields?: LogFields): void => {
      if (rank[level] < rank[levelOf(levels, area)]) return;
      logger[level](fields === undefined ? { area } : { area, fields }, message);
    };
  const forArea = (area: LogArea): Log => ({
    debug: at(area, "debug"),
    info: at(area, "info"),
    warn: at(area, "warn"),
    error: at(area, "error"),
    for: forArea,
  });
  return {
    ...forArea("gateway"),
    get levels() {
      return levels;
    },
    setLevel(level) {
      levels = { ...levels, level };
    },
    setArea(area, level) {
      const { [area]: _, ...areas } = levels.areas;
      levels = { ...levels, areas: level ? { ...areas, [area]: level } : areas };
    },
    close: () => destination.close(),
  };
}

type Format = (record: LogRecord) => string;

class Destination {
  readonly #echo: (line: string) => void;
  readonly #path: string;
  readonly #rotation: RotationLimits;
  readonly #format: Format;
  /** Of the echo; undefined: the same. */
  readonly #journal: Format | undefined;
  #file: RotatingFile | undefined;
  /** Since when it cannot be written, by performance.now(); undefined: it can. */
  #failedAt: number | undefined;
  readonly #batched: Batched;
  readonly #echoed: Batched;

  constructor({ file, rotation = FIVE_MEGABYTES_THREE_OLD, echo = toStandardError, ...more }: LogOptions) {
    this.#echo = echo;
    this.#path = file ?? "";
    this.#format = more.format === "json" ? formatJson : formatRecord;
    const isJournal =
      more.journal ?? (more.format === "syslog" || (echo === toStandardError && isJournalOn(2)));
    this.#journal = isJournal ? formatJournal(this.#format) : undefined;
    this.#batched = new Batched((lines) => this.#out(lines));
    this.#echoed = new Batched((lines) => this.#echo(lines));
    this.#rotation = rotation;
    if (this.#path !== "") this.#try(() => this.#open());
  }

  #open(): void {
    this.#file = new RotatingFile(this.#path, this.#rotation);
  }

  /** Called by pino with one line of JSON. What is serious may be the last that is said. */
  write(json: string): void {
    const record = JSON.parse(json) as LogRecord;
    this.#batched.add(this.#format(record));
    if (this.#journal) this.#echoed.add(this.#journal(record));
    if (record.level < 50) return;
    this.#batched.flush();
    this.#echoed.flush();
  }

  close(): void {
    this.#batched.close();
    this.#echoed.close();
    this.#try(() => this.#file?.close());
    this.#file = undefined;
  }

  #out(lines: string): void {
    if (!this.#journal) this.#echo(lines);
    if (this.#failedAt === undefined) this.#try(() => this.#file?.write(lines));
    else if (performance.now() - this.#failedAt >= againAfterMs) this.#tryAgain(lines);
  }

  #tryAgain(lines: string): void {
    this.#try(() => {
      this.#open();
      this.#file?.write(lines);
      this.#failedAt = undefined;
      this.#say(`the log file ${this.#path} is written again`);
    });
  }

  #try(task: () => unknown): void {
    try {
      task();
    } catch (error) {
      this.#file = undefined;
      const isNews = this.#failedAt === undefined;
      this.#failedAt = performance.now();
      if (isNews)
        this.#say(
          `the log file ${this.#path} cannot be written, meanwhile only standard error is: ${messageOf(error)}`,
        );
    }
  }

  #say(msg: string): void {
    this.#echo((this.#journal ?? this.#format)({ level: 40, time: Date.now(), msg }));
  }
}

/** Whether this file descriptor leads to systemd's journal: JOURNAL_STREAM names its device and inode (systemd.exec(5)). */
function isJournalOn(fd: number): boolean {
  const named = process.env.JOURNAL_STREAM;
  if (!named) return false;
  try {
    const { dev, ino } = fstatSync(fd);
    return named === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** A pipe that nobody reads or that is closed must not stop the gateway. */
function toStandardError(lines: string): void {
  try {
    const bytes = Buffer.from(lines);
    for (let at = 0; at < bytes.length; ) at += writeSync(2, bytes, at);
  } catch {
    // There is no further place to complain to.
  }
}
