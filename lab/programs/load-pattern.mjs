// The octets that load-server.mjs sends and load-client.mjs expects: the same block over and over, no two quarters of it alike.
export const BLOCK = 65_536;
export const pattern = Buffer.alloc(BLOCK * 2);
for (let i = 0; i < BLOCK / 4; i++) {
  const word = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  pattern.writeUInt32BE(word, i * 4);
  pattern.writeUInt32BE(word, BLOCK + i * 4);
}

/** `length` octets of the stream from `offset` on; at most one block. */
export const slice = (offset, length) => pattern.subarray(offset % BLOCK, (offset % BLOCK) + length);
