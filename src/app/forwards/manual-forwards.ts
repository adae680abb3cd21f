/** The forwards that people asked for, as they stand in their file now. */
import { type ManualForward, nameOf, parseForwardsFile } from "../../config/forwards-file.ts";
import { WatchedList, type WatchedListParts } from "./watched-list.ts";

export const forwardsFile = (stateDirectory: string): string => `${stateDirectory}/forwards.json`;

export class ManualForwards extends WatchedList<ManualForward> {
  constructor(parts: WatchedListParts) {
    super(parts, {
      path: forwardsFile(parts.directory),
      nothing: '{"version":1,"forwards":[]}',
      parse: parseForwardsFile,
      without: "no manual forward is in force",
      tell: (list) => `Manual forwards: ${list.map(textOf).join(", ") || "none"}`,
      refused: (forward) => `: ${nameOf(forward)} leads nowhere`,
    });
  }
}

const textOf = (f: ManualForward): string => `${f.protocol}/${f.port} to ${f.address}:${f.target}`;
