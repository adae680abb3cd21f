/** Receive packet steering (Documentation/networking/scaling.rst of Linux): which processors go on with what an interface received. */
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { messageOf } from "../../base/errors.ts";

/** Hexadecimal words of 32 bits, the highest first; all ones but that of processor `without`. */
export function cpuMask(count: number, without = -1): string {
  const words: string[] = [];
  for (let first = 0; first < count; first += 32) {
    const word = 2 ** Math.min(count - first, 32) - 1;
    const isIn = without >= first && without < Math.min(count, first + 32);
    words.unshift((isIn ? word - 2 ** (without - first) : word).toString(16));
  }
  return words.join(",");
}

/** All processors but `busy`. @returns why not, where the kernel has no such thing or we may not: that costs speed and nothing else */
export async function spreadReceived(ifname: string, busy?: number): Promise<string | undefined> {
  const count = cpus().length;
  if (count < 2) return "there is one processor";
  try {
    await writeFile(`/sys/class/net/${ifname}/queues/rx-0/rps_cpus`, cpuMask(count, busy), { flag: "r+" });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
