import type { Log, LogFields } from "../../src/ports/log.ts";

export interface Entry {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields?: LogFields | undefined;
}

export class MemoryLog implements Log {
  readonly entries: Entry[] = [];
  debug = this.#at("debug");
  info = this.#at("info");
  warn = this.#at("warn");
  error = this.#at("error");

  #at(level: Entry["level"]) {
    return (message: string, fields?: LogFields): void => {
      this.entries.push({ level, message, fields });
    };
  }

  for(): MemoryLog {
    return this;
  }

  /** `level message` of all but debug, and forgets them. */
  take(): string[] {
    const lines = this.entries.filter((e) => e.level !== "debug").map((e) => `${e.level} ${e.message}`);
    this.entries.length = 0;
    return lines;
  }
}
