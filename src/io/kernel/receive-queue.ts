/** Receive packet steering (Documentation/networking/scaling.rst of Linux): which processors go on with what an interface received. */
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { messageOf } from "../../base/errors.ts";

/** Hexadecimal words of 32 bits, the highest first; all ones. */
export function cpuMask(count: number): string {
  const words: string[] = [];
  for (let left = count; left > 0; left -= 32) words.unshift((2 ** Math.min(left, 32) - 1).toString(16));
  return words.join(",");
}

/** All processors. @returns why not, where the kernel has no such thing or we may not: that costs speed and nothing else */
export async function spreadReceived(ifname: string): Promise<string | undefined> {
  const count = cpus().length;
  if (count < 2) return "there is one processor";
  try {
    await writeFile(`/sys/class/net/${ifname}/queues/rx-0/rps_cpus`, cpuMask(count), { flag: "r+" });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
