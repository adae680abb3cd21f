import { readFile } from "node:fs/promises";

const fileHeader = 24;
const recordHeader = 16;
const littleEndianMagics = [0xa1b2c3d4, 0xa1b23c4d];

/** The frames of a pcap file as tcpdump writes it here: little-endian, Ethernet. */
export async function readPcap(file: string): Promise<readonly Uint8Array[]> {
  const bytes = await readFile(file);
  if (!littleEndianMagics.includes(bytes.readUInt32LE(0)))
    throw new Error(`${file} is not a little-endian pcap file`);
  const frames: Uint8Array[] = [];
  for (let at = fileHeader; at + recordHeader <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    frames.push(bytes.subarray(at + recordHeader, at + recordHeader + length));
    at += recordHeader + length;
  }
  return frames;
}
