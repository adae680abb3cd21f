import type { Namespace } from "./netns.ts";

/** An entry of a neighbour table. */
export interface Neighbour {
  readonly ip: string;
  readonly mac: string;
  readonly state: string;
}

/** What a router knows of the segment; entries without a MAC are left out. */
export async function readNeighbours(router: Namespace, family: "-4" | "-6"): Promise<readonly Neighbour[]> {
  const rows = (await router.ipJson([family, "neigh", "show", "dev", "wan"])) as readonly {
    readonly dst: string;
    readonly lladdr?: string;
    readonly state: readonly string[];
  }[];
  return rows.flatMap(({ dst, lladdr, state }) =>
    lladdr === undefined ? [] : [{ ip: dst, mac: lladdr, state: state.join(" ") }],
  );
}

/** Solicits `address` on one interface and listens one second; the MACs that answered, `and` between several. */
export async function asks6(
  namespace: Namespace,
  ifname: string,
  address: string,
): Promise<string | undefined> {
  const argv = ["ndisc6", "-q", "-m", "-r", "1", "-w", "1000", address, ifname];
  const { stdout } = await namespace.run(argv, { mayFail: true });
  const macs = stdout.split("\n").filter((line) => line.includes(":"));
  return macs.length === 0
    ? undefined
    : [...new Set(macs.map((mac) => mac.trim().toLowerCase()))].join(" and ");
}
