/** Reading `nft --json list ruleset`: chains with their hooks, and what their rules do. */
import { type Json, list, object, text } from "../plan/json-fields.ts";
import { nftTable } from "../plan/marks.ts";

export interface ChainFact {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** Undefined: not a base chain. */
  readonly hook: string | undefined;
  readonly policy: string | undefined;
  readonly rules: readonly RuleFact[];
}

export interface RuleFact {
  readonly verdict: "accept" | "drop" | "reject" | "jump" | "other";
  /** What has to hold, as `iifname eth1`; empty: nothing. */
  readonly matches: readonly string[];
  /** Empty: none. */
  readonly comment: string;
}

export const isOurs = (table: string): boolean => table.startsWith(nftTable.name);

/** Rules of ours that OpenWrt's firewall reads into its own chains (deploy/openwrt/files/usr/share/nftables.d) begin their comment with our name. */
export const isIncluded = ({ comment }: RuleFact): boolean => comment.startsWith("ipv4-ipv6-gateway:");

export function parseChains(raw: unknown): readonly ChainFact[] {
  const items = list(object(raw).nftables);
  const rules = items.flatMap((item) => ("rule" in item ? [object(item.rule)] : []));
  return items.flatMap((item) => {
    if (!("chain" in item)) return [];
    const chain = object(item.chain);
    const place = { family: text(chain.family), table: text(chain.table), name: text(chain.name) };
    const own = rules.filter(
      (r) => r.family === place.family && r.table === place.table && r.chain === place.name,
    );
    return [
      {
        ...place,
        hook: typeof chain.hook === "string" ? chain.hook : undefined,
        policy: typeof chain.policy === "string" ? chain.policy : undefined,
        rules: own.map(parseRule),
      },
    ];
  });
}

const verdicts = ["accept", "drop", "reject"] as const;

function parseRule({ expr, comment }: Json): RuleFact {
  const parts = list(expr);
  const named = verdicts.find((name) => parts.some((part) => name in part));
  const jumps = parts.some((part) => "jump" in part || "goto" in part || "vmap" in part);
  return {
    verdict: named ?? (jumps ? "jump" : "other"),
    matches: parts.flatMap(matchText),
    comment: text(comment),
  };
}

function matchText(part: Json): readonly string[] {
  if ("limit" in part || "xt" in part) return [Object.keys(part)[0] ?? ""];
  if (!("match" in part)) return [];
  const { left, op, right } = object(part.match);
  const meta = text(object(object(left).meta).key);
  const field = meta === "" ? JSON.stringify(left) : meta;
  const value = typeof right === "string" ? right : JSON.stringify(right);
  return [`${field} ${op === "==" || op === "in" ? "" : `${text(op)} `}${value}`];
}

/** How many rules our two tables have, and how many they had when we wrote them; undefined: they are not there. */
export function ownRules(raw: unknown): { readonly there: number; readonly written: number } | undefined {
  const chains = parseChains(raw).filter(
    ({ family, table }) => table === nftTable.name && (family === "inet" || family === "ip6"),
  );
  const written = chains.flatMap(({ name }) => /^rev_[0-9a-f]+_(\d+)$/.exec(name)?.[1] ?? [])[0];
  if (written === undefined) return undefined;
  return { there: chains.reduce((sum, chain) => sum + chain.rules.length, 0), written: Number(written) };
}
