/** Packets that arrive at a far host's WAN port, for the benches of what is forwarded. */
import type { Namespace } from "../netns.ts";

/** Counts before anything else is done with them what fits this match of nftables, as `ip saddr 192.0.2.1 udp dport 9`; the rest goes on. */
export async function countArrivals(far: Namespace, match: string): Promise<void> {
  await far.nft(`table netdev count
delete table netdev count
table netdev count {
  chain arriving {
    type filter hook ingress device wan priority 0;
    ${match} counter drop
  }
}`);
}

export async function arrivals(far: Namespace): Promise<number> {
  const { stdout } = await far.run(["nft", "list", "table", "netdev", "count"]);
  return Number(/counter packets (\d+)/.exec(stdout)?.[1]);
}
