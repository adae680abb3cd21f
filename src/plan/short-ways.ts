/**
 * A shorter way for the datagrams that devices keep sending (ADR 32, 34). What leaves by connection tracking, routing and our rules is written down for 2 s, as it is on the wire, and what
 * follows of the same flow goes straight to the router by the identity; then the next one goes the whole way again, so that connection tracking knows the flow for as long as it lasts and
 * whatever has changed counts. Answers come by the whole way, so that nothing comes in that did not before. UDP alone: of TCP connection tracking has to see every segment. Ports that
 * had to be changed are found under no flow, and so are addresses that the identity has no more.
 */
import type { Cidr4 } from "../base/cidr4.ts";
import { nftTable } from "./marks.ts";
import type { ResourceMap } from "./resource.ts";
import { renderBase4, renderBegin4, renderEnd4, type ShortWay4, shortWays4Of } from "./short-ways4.ts";
import { renderBase6, renderBegin6, renderEnd6, type ShortWay6, shortWays6Of } from "./short-ways6.ts";

export type ShortWay = ShortWay4 | ShortWay6;

export const shortWayTable = `netdev ${nftTable.name}_short`;

/** Which hooks the table has. */
export interface ShortWayPorts {
  readonly lanPort: string;
  readonly wanPort: string;
  readonly lan: Cidr4;
  /** Whether the translator's interface is one that frames come from as from a port. */
  readonly translator: boolean;
}

/** Those of the devices that the resources are of. */
export const shortWaysOf = (desired: ResourceMap, lan: Cidr4): ShortWay[] => [
  ...shortWays4Of(desired, lan),
  ...shortWays6Of(desired),
];

/** The table without any device. */
export const renderShortWays = ({ lanPort, wanPort, lan, translator }: ShortWayPorts): string =>
  `table ${shortWayTable} {\n${renderBase4(lanPort, wanPort, lan)}${translator ? renderBase6(wanPort) : ""}}\n`;

const isOf4 = (way: ShortWay): way is ShortWay4 => way.family === 4;
const isOf6 = (way: ShortWay): way is ShortWay6 => way.family === 6;

/** @param ways of none of which the kernel knows anything */
export const renderBegin = (ways: readonly ShortWay[]): string =>
  renderBegin4(shortWayTable, ways.filter(isOf4)) + renderBegin6(shortWayTable, ways.filter(isOf6));

/** @param ways as the kernel has them */
export const renderEnd = (ways: readonly ShortWay[]): string =>
  renderEnd4(shortWayTable, ways.filter(isOf4)) + renderEnd6(shortWayTable, ways.filter(isOf6));

/** What was written down is forgotten. */
export const renderForget = (translator: boolean): string =>
  ["flows4", ...(translator ? ["flows6"] : [])].map((set) => `flush set ${shortWayTable} ${set}\n`).join("");
