import type { PortFacts } from "./observe.ts";

/** How one of the gateway's two ports is, in the word that people read. */
export type PortState = "up" | "no carrier" | "down" | "missing";

/** @param port undefined: there is no such interface */
export function portState(port: Pick<PortFacts, "up" | "carrier"> | undefined): PortState {
  if (!port) return "missing";
  if (!port.up) return "down";
  return port.carrier ? "up" : "no carrier";
}
