import type { Ip6 } from "../base/ip6.ts";
import type { Duration } from "../base/time.ts";

export type Answer6 =
  /** In the server's order; `ttl` is the shortest of them. */
  | { readonly kind: "found"; readonly addresses: readonly Ip6[]; readonly ttl: Duration }
  /** There is no such name, or it has no address of the family. */
  | { readonly kind: "none" }
  /** Nobody answered, or nobody could; `why` is for people. */
  | { readonly kind: "failed"; readonly why: string };

/** What is needed of an AbortSignal. */
export interface EndSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
}

/** Asks name servers, with the host's own address. */
export interface NameLookup {
  /** The AAAA records of `name`. @param servers addresses, best first; link-local ones with their interface, as `fe80::1%eth0`. Never rejects. @param signal nothing is sent once it is aborted, and the answer is "failed" */
  aaaa(name: string, servers: readonly string[], signal: EndSignal): Promise<Answer6>;
}
