/** When a server has given all of its leases, by its own file. */
import { OutOfTime, sleep } from "../wait.ts";

export interface LeaseFile {
  leases(): Promise<readonly unknown[]>;
}

/** No server gives more of them in a millisecond. */
const fastest = 5;
const leastMs = 20;

/**
 * Resolves with the moment, by `performance.now()`. Reading the file takes processor time that whoever is measured would have: it is not read again
 * before all can be there. Errors: OutOfTime.
 * @param over whether there is nothing to wait for any more
 */
export async function allLeased(
  server: LeaseFile | undefined,
  count: number,
  limitSeconds: number,
  over: () => boolean = () => false,
): Promise<number> {
  const deadline = performance.now() + limitSeconds * 1000;
  for (;;) {
    const lacking = count - ((await server?.leases()) ?? []).length;
    const now = performance.now();
    if (lacking <= 0 || over()) return now;
    if (now > deadline) throw new OutOfTime(`${lacking} of ${count} leases lacking after ${limitSeconds} s`);
    await sleep(Math.max(leastMs, lacking / fastest));
  }
}
