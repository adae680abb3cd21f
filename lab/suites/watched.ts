/** What strangers find of the gateway while something happens to it. */
import type { WanHost } from "../wan-host.ts";
import { openPorts, pageAt } from "./reach.ts";

export interface Findings {
  /** Whatever was open at least once, as `address/port`. */
  readonly open: readonly string[];
  /** Whose pages came, on any of the ports that were asked. */
  readonly servers: readonly string[];
  readonly rounds: { readonly scans: number; readonly pages: number };
}

export interface Watching {
  /** Ends the round that goes on, and gives what all rounds found. */
  finish(): Promise<Findings>;
}

export interface WatchOptions {
  /** As nmap's -p. */
  readonly ports: string;
  /** Asked for a page over and over, at each address that is not link-local. */
  readonly pages: readonly number[];
}

/** Scans, and asks for pages, one round after the other until told to finish. */
export function watchFromOutside(
  from: WanHost,
  addresses: readonly string[],
  { ports, pages }: WatchOptions,
): Watching {
  const open = new Set<string>();
  const servers = new Set<string>();
  const rounds = { scans: 0, pages: 0 };
  let going = true;
  const scanning = async (): Promise<void> => {
    do {
      for (const found of await openPorts(from, addresses, ports)) open.add(found);
      rounds.scans++;
    } while (going);
  };
  const asked = addresses
    .filter((ip) => !ip.startsWith("fe80:"))
    .flatMap((ip) => pages.map((port) => ({ ip, port })));
  const asking = async (): Promise<void> => {
    do {
      const answers = await Promise.allSettled(asked.map(({ ip, port }) => pageAt(from, ip, port, 1)));
      for (const answer of answers) if (answer.status === "fulfilled") servers.add(answer.value);
      rounds.pages++;
    } while (going);
  };
  const all = Promise.all([scanning(), asking()]);
  // Looked at in finish; until then nobody waits for it.
  all.catch(() => {});
  return {
    async finish() {
      going = false;
      await all;
      return { open: [...open].sort(), servers: [...servers].sort(), rounds };
    },
  };
}
