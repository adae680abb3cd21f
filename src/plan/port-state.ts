import type { PortFacts } from "./observe.ts";

/** How one of the gateway's two ports is, in the word that people read. */
export type PortState = "up" | "no carrier" | "down" | "missing";

/** @param port undefined: there is no such interface */
export function portState(port: Pick<PortFacts, "up" | "carrier"> | undefined): PortState {
  if (!port) return "missing";
  if (!port.up) return "down";
  return port.carrier ? "up" : "no carrier";
}

/**
 * Whether a port's cable leads to something and the kernel sends there. Iproute2 prints NO-CARRIER of what is set up and does not run: also while the kernel
 * has not dealt with a cable that is back, or 802.1X keeps the port dormant.
 * @param flags of a link, as iproute2 prints them
 */
export const hasCarrier = (flags: readonly string[]): boolean =>
  flags.includes("LOWER_UP") && !flags.includes("NO-CARRIER");

export interface NamedPort {
  readonly interface: string;
  readonly state: PortState;
}

/** What is wrong with the two ports, in full sentences; whoever tells people of it says the same. */
export const portTroubles = ({ wan, lan }: Readonly<Record<"wan" | "lan", NamedPort>>): readonly string[] => [
  ...portTrouble(wan, "no device reaches the network"),
  ...portTrouble(lan, "no device reaches the gateway"),
];

function portTrouble({ interface: name, state }: NamedPort, so: string): readonly string[] {
  switch (state) {
    case "up":
      return [];
    case "no carrier":
      return [`${name} has no carrier: ${so} until its cable leads to a switch that is on.`];
    case "down":
      return [`${name} is down: ${so}.`];
    case "missing":
      return [`There is no interface ${name}: ${so} until it is back.`];
  }
}
