/** Which devices are open as a whole, as their file says now. */
import type { Ip4 } from "../../base/ip4.ts";
import { type Inbound, type InboundChoice, openTo, parseInboundFile } from "../../config/inbound-file.ts";
import { WatchedList, type WatchedListParts } from "./watched-list.ts";

export interface InboundChoicesParts extends WatchedListParts {
  /** `forwards.inbound`. */
  readonly fallback: Inbound;
}

export const inboundFile = (stateDirectory: string): string => `${stateDirectory}/inbound.json`;

export class InboundChoices extends WatchedList<InboundChoice> {
  readonly #fallback: Inbound;

  constructor(parts: InboundChoicesParts) {
    super(parts, {
      path: inboundFile(parts.directory),
      nothing: '{"version":1,"devices":[]}',
      parse: parseInboundFile,
      without: "it opens no device",
      tell: (list) => `Devices open as a whole: ${list.flatMap(wordsOf).join(", ") || "none"}`,
      refused: () => " opens nothing there",
    });
    this.#fallback = parts.fallback;
  }

  /** Whether there may be any such device. */
  get opensAny(): boolean {
    return this.#fallback !== "ports" || this.list.some(({ inbound }) => inbound !== "ports");
  }

  /** The networks that every port of the device is open to; none: only listed ports lead to it. */
  openTo(address: Ip4): readonly string[] {
    return openTo(this.list, address, this.#fallback);
  }
}

const wordsOf = ({ address, inbound, from }: InboundChoice): string[] =>
  inbound === "ports" ? [] : [from.length === 0 ? address : `${address} (from ${from.join(", ")})`];
