/** The reader of all sockets of this process, packets' and the kernel's events alike: one thread is enough. */
import { existsSync } from "node:fs";
import type { Libc } from "./libc.ts";
import { Reader } from "./reader.ts";

/** By the program of its thread. */
const readers = new Map<string, Reader>();

export function sharedReader(calls: Libc, program: URL = defaultReaderProgram()): Reader {
  const known = readers.get(program.href);
  if (known) return known;
  const reader = new Reader(calls, program);
  readers.set(program.href, reader);
  return reader;
}

/** The small program that the build lays beside the gateway's, because a thread that loads the whole gateway takes 10 MB more; a bundle that has none beside it is its own. */
function defaultReaderProgram(): URL {
  const small = new URL("packet-reader.js", import.meta.url);
  return existsSync(small) ? small : new URL(import.meta.url);
}
