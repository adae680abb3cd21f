import type { Namespace } from "./netns.ts";
import { projectFile } from "./paths.ts";

const program = projectFile("lab/programs/send-frames.mjs");

/** Sends whole Ethernet frames from an interface, whatever they say. Errors: the interface is missing or down. */
export async function sendFrames(
  namespace: Namespace,
  ifname: string,
  ...frames: readonly Uint8Array[]
): Promise<void> {
  const hex = frames.map((frame) => Buffer.from(frame).toString("hex"));
  await namespace.run([process.execPath, program, ifname, ...hex]);
}
