/** Reading what iproute2 and nft print as JSON: a field of another type than expected reads as nothing. */
import { type Ip4, parseIp4 } from "../base/ip4.ts";
import { type Ip6, parseIp6 } from "../base/ip6.ts";
import { type Mac, parseMac } from "../base/mac.ts";
import { perhaps } from "../base/parsed.ts";
import { routeProtocol } from "./marks.ts";

export type Json = Readonly<Record<string, unknown>>;
export const list = (raw: unknown): Json[] =>
  Array.isArray(raw) ? raw.filter((x) => typeof x === "object" && x) : [];
export const text = (raw: unknown): string => (typeof raw === "string" ? raw : "");
export const number = (raw: unknown): number =>
  typeof raw === "number" ? raw : Number(text(raw) || Number.NaN);
export const object = (raw: unknown): Json => (typeof raw === "object" && raw !== null ? (raw as Json) : {});
export const flags = (raw: unknown): readonly string[] => (Array.isArray(raw) ? raw.map(text) : []);
export const ours = (raw: Json): boolean => number(raw.protocol) === routeProtocol;
export const ip4 = (raw: unknown): Ip4 | undefined => perhaps(parseIp4(text(raw)));
export const mac = (raw: unknown): Mac | undefined => perhaps(parseMac(text(raw)));
export const ip6 = (raw: unknown): Ip6 | undefined => perhaps(parseIp6(text(raw)));
