/** Load as clients make it: long downloads, each octet looked at, and a steady rate of short connections, each answer looked at. */
import type { Running } from "./exec.ts";
import type { Namespace } from "./netns.ts";
import { projectFile } from "./paths.ts";
import { waitFor } from "./wait.ts";

/** A port of `startLoadServer`, as clients see it. */
export interface LoadTarget {
  readonly host: string;
  readonly port: number;
  /** What it says; see `helloFrom`. */
  readonly answer: string;
}

export interface LoadOptions {
  /** Used in turn. */
  readonly targets: readonly LoadTarget[];
  /** The client's own addresses, used in turn; the kernel chooses unless told. */
  readonly from?: readonly string[];
  readonly downloads: number;
  /** Of each download. */
  readonly bytes: number;
  /** Octets a second of each download; 0: as fast as it goes. */
  readonly rate: number;
  /** Milliseconds from one piece of it to the next; 50 unless told. */
  readonly tick?: number;
  readonly connectionsPerSecond: number;
  /** Most short connections at a time, so that a machine that is too slow makes fewer instead of ever more; no limit unless told. */
  readonly atOnce?: number;
}

/** How many ended how. */
export interface LoadCounts {
  readonly good: number;
  readonly refused: number;
  readonly reset: number;
  /** Ended in good order, but too soon. */
  readonly truncated: number;
  /** Other octets than were sent, or another device. */
  readonly wrong: number;
  /** Nothing for 10 s. */
  readonly silent: number;
  readonly other: number;
}

export interface LoadResult {
  readonly downloads: LoadCounts;
  readonly connections: LoadCounts;
  /** For which connections were made. */
  readonly seconds: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
  /** For which a download got nothing after its first octets, of all of them the longest. */
  readonly longestPauseMs: number;
  readonly complaints: readonly string[];
}

export interface Load {
  /** Makes no new connections, waits for the downloads to end, and gives the counts. */
  finish(timeoutMs?: number): Promise<LoadResult>;
}

const program = (name: string): string => projectFile(`lab/programs/${name}`);

/** The answer of a device's load server on this address and port. */
export const helloFrom = (address: string, port: number): string => `hello from ${address}, port ${port}\n`;

/** Serves on all IPv4 addresses of a host; resolves when it listens. */
export async function startLoadServer(namespace: Namespace, ports: readonly number[]): Promise<Running> {
  const server = namespace.start([process.execPath, program("load-server.mjs"), ...ports.map(String)]);
  await waitFor("the load server listens", () => server.lines.includes("ready"), {
    explain: () => server.lines.join("\n"),
  });
  return server;
}

/** Resolves when all downloads have begun. */
export async function startLoad(namespace: Namespace, options: LoadOptions): Promise<Load> {
  const client = namespace.start([process.execPath, program("load-client.mjs"), JSON.stringify(options)]);
  await waitFor("all downloads have begun", () => client.lines.includes("open"), {
    explain: () => client.lines.join("\n"),
  });
  return {
    async finish(timeoutMs = 60_000) {
      client.write("stop\n");
      const last = await waitFor("the load has ended", () => !client.running && client.lines.at(-1), {
        timeoutMs,
        explain: () => client.lines.join("\n"),
      });
      return JSON.parse(last) as LoadResult;
    },
  };
}

/** All that went wrong, in words; empty when nothing did. */
export const faults = ({ downloads, connections, complaints }: LoadResult): readonly string[] => [
  ...(["downloads", "connections"] as const).flatMap((what) =>
    Object.entries({ downloads, connections }[what])
      .filter(([outcome, count]) => outcome !== "good" && count > 0)
      .map(([outcome, count]) => `${count} ${what} ${outcome}`),
  ),
  ...complaints,
];
