import type { Mac } from "../base/mac.ts";
import type { BpfInstruction } from "../wire/bpf.ts";

/** A raw Ethernet socket on one interface; frames sent by this host are not delivered back. */
export interface PacketLink {
  readonly ifname: string;
  /** Sends one whole Ethernet frame as it is. Errors: GatewayError "send-failed" (link down, buffer full). */
  send(frame: Uint8Array): void;
  /** The port takes in frames for this MAC too, as long as no interface on it has that MAC. Where it cannot, frames to it are lost at a port that has a filter. */
  listenFor(mac: Mac): void;
  /** The end of that. */
  listenNoMore(mac: Mac): void;
  close(): Promise<void>;
}

export interface PacketLinks {
  /**
   * Opens a socket that receives what `filter` accepts; the filter is in force before the first frame.
   * Errors: GatewayError "no-interface", "no-rights".
   */
  open(
    ifname: string,
    filter: readonly BpfInstruction[],
    onFrame: (frame: Uint8Array) => void,
  ): Promise<PacketLink>;
}
