import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

export interface RotationLimits {
  readonly bytes: number;
  /** Old files kept as `path.1` (newest), `path.2`, … */
  readonly files: number;
}

/** A log file that is set aside when it is full. Everything is synchronous, so that the last line before a crash is kept. */
export class RotatingFile {
  #fd: number;
  #size: number;

  /** Throws when the file cannot be opened, as do the other calls when it cannot be written. */
  constructor(
    private readonly path: string,
    private readonly limits: RotationLimits,
  ) {
    this.#fd = openSync(path, "a", 0o640);
    this.#size = fstatSync(this.#fd).size;
  }

  /** One line or several, each with its end. */
  write(lines: string): void {
    const bytes = Buffer.from(lines);
    const fits = this.#size + bytes.length <= this.limits.bytes;
    const first = lines.indexOf("\n") + 1;
    if (!fits && first > 0 && first < lines.length) {
      for (const line of lines.split(/(?<=\n)/)) this.write(line);
      return;
    }
    if (this.#size > 0 && !fits) this.#rotate();
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    this.#size += bytes.length;
  }

  #rotate(): void {
    for (let i = this.limits.files - 1; i >= 1; i--)
      renameIfThere(`${this.path}.${i}`, `${this.path}.${i + 1}`);
    renameIfThere(this.path, `${this.path}.1`);
    const fd = openSync(this.path, "a", 0o640);
    closeSync(this.#fd);
    this.#fd = fd;
    this.#size = 0;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
