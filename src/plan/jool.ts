/** What Jool's SIIT is told, which translates inside the kernel: the same maps as tayga's (explicit address mappings, RFC 7757), and the NAT64 as its pool6. */
import { type Cidr4, formatCidr4 } from "../base/cidr4.ts";
import { type Cidr6, formatCidr6 } from "../base/cidr6.ts";
import { innerLan, innerOf, routersIp4 } from "./translation.ts";

/** An explicit address mapping, as `jool_siit eamt` prints and takes it. */
export interface Eam {
  readonly ip4: string;
  readonly ip6: string;
}

export interface JoolPlan {
  readonly pool6: string;
  readonly eams: readonly Eam[];
}

export const planJool = (lan: Cidr4, nat64: Cidr6): JoolPlan => ({
  pool6: formatCidr6(nat64),
  eams: [
    { ip4: formatCidr4(lan), ip6: formatCidr6(innerLan(lan)) },
    { ip4: `${routersIp4}/32`, ip6: `${innerOf(routersIp4)}/128` },
  ],
});

/** Lines of `eamt display --csv --no-headers`: IPv6 first, as it prints them. */
export const parseEams = (csv: string): readonly Eam[] =>
  csv.split("\n").flatMap((line) => {
    const [ip6, ip4] = line.trim().split(",");
    return ip6?.includes("/") && ip4?.includes("/") ? [{ ip4, ip6 }] : [];
  });

/** The value of `pool6` in `global display --csv --no-headers`. */
export const parsePool6 = (csv: string): string | undefined =>
  /^pool6,(.+)$/m.exec(csv)?.[1]?.trim().replaceAll('"', "");
