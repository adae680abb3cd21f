/** Adapter of ports/Log: pino with a plain destination that writes text to standard error and to a rotating file. */
import { writeSync } from "node:fs";
import { pino } from "pino";
import { messageOf } from "../base/errors.ts";
import type { Log, LogFields } from "../ports/log.ts";
import { Batched } from "./log/batched.ts";
import { formatRecord, type LogRecord } from "./log/format.ts";
import { RotatingFile, type RotationLimits } from "./log/rotating-file.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogOptions {
  readonly level: LogLevel;
  /** Beside standard error; empty or absent means none. */
  readonly file?: string | undefined;
  readonly rotation?: RotationLimits;
  /** Where lines go besides the file, one or several at a time; standard error unless told otherwise. */
  readonly echo?: (lines: string) => void;
}

export interface OpenLog extends Log {
  setLevel(level: LogLevel): void;
  close(): void;
}

const FIVE_MEGABYTES_THREE_OLD: RotationLimits = { bytes: 5 * 1024 * 1024, files: 3 };

/** Never throws: a file that cannot be written is reported once and then left alone. */
export function openLog(options: LogOptions): OpenLog {
  const destination = new Destination(options);
  const logger = pino({ level: options.level, base: null }, destination);
  const at =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void =>
      logger[level](fields === undefined ? {} : { fields }, message);
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    setLevel(level) {
      logger.level = level;
    },
    close: () => destination.close(),
  };
}

class Destination {
  readonly #echo: (line: string) => void;
  readonly #path: string;
  #file: RotatingFile | undefined;
  readonly #batched: Batched;

  constructor({ file, rotation = FIVE_MEGABYTES_THREE_OLD, echo = toStandardError }: LogOptions) {
    this.#echo = echo;
    this.#path = file ?? "";
    this.#batched = new Batched((lines) => this.#out(lines));
    if (this.#path !== "") this.#try(() => (this.#file = new RotatingFile(this.#path, rotation)));
  }

  /** Called by pino with one line of JSON. What is serious may be the last that is said. */
  write(json: string): void {
    const record = JSON.parse(json) as LogRecord;
    this.#batched.add(formatRecord(record));
    if (record.level >= 50) this.#batched.flush();
  }

  close(): void {
    this.#batched.close();
    this.#try(() => this.#file?.close());
    this.#file = undefined;
  }

  #out(lines: string): void {
    this.#echo(lines);
    this.#try(() => this.#file?.write(lines));
  }

  #try(task: () => unknown): void {
    try {
      task();
    } catch (error) {
      this.#file = undefined;
      const msg = `the log file ${this.#path} cannot be written, from now on only standard error is: ${messageOf(error)}`;
      this.#echo(formatRecord({ level: 40, time: Date.now(), msg }));
    }
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
