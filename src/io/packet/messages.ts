/** What the main thread and the reader thread say to each other. */

export const READER_ROLE = "packet-reader";

/** Given to the reader when it starts. */
export interface ReaderData {
  readonly role: typeof READER_ROLE;
  /** An eventfd; raised after every command. */
  readonly wakeFd: number;
  /** One Int32: batches posted and not yet taken by the main thread. */
  readonly outstanding: Int32Array;
}

export type ReaderCommand =
  | { readonly kind: "add"; readonly id: number; readonly fd: number; readonly isNetlink: boolean }
  /** Answered by "removed", after which the descriptor may be closed. */
  | { readonly kind: "remove"; readonly id: number }
  | { readonly kind: "stop" };

export type ReaderReport =
  /** `batch`: a 32-bit count, that many 32-bit lengths, then the frames one after the other. */
  | { readonly kind: "frames"; readonly id: number; readonly batch: ArrayBuffer }
  | { readonly kind: "removed"; readonly id: number }
  /** The socket reported an error, which is cleared; it is still being read. */
  | { readonly kind: "trouble"; readonly id: number; readonly errno: number }
  /** The socket cannot be read any more; the reader has let go of it. */
  | { readonly kind: "dead"; readonly id: number; readonly errno: number };

/** One batch from frames that lie end to end at the start of `scratch`. */
export function packBatch(scratch: Uint8Array, lengths: readonly number[]): ArrayBuffer {
  const header = 4 + lengths.length * 4;
  const used = lengths.reduce((sum, length) => sum + length, 0);
  const batch = new ArrayBuffer(header + used);
  const table = new Uint32Array(batch, 0, lengths.length + 1);
  table[0] = lengths.length;
  table.set(lengths, 1);
  new Uint8Array(batch, header).set(scratch.subarray(0, used));
  return batch;
}

/** Calls back with each frame of a batch, in order, as views into it. */
export function eachFrame(batch: ArrayBuffer, onFrame: (frame: Uint8Array) => void): void {
  const count = new Uint32Array(batch, 0, 1)[0] ?? 0;
  const lengths = new Uint32Array(batch, 4, count);
  let at = 4 + count * 4;
  for (const length of lengths) {
    onFrame(new Uint8Array(batch, at, length));
    at += length;
  }
}
