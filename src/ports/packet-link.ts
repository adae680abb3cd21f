import type { BpfInstruction } from "../wire/bpf.ts";

/** A raw Ethernet socket on one interface; frames sent by this host are not delivered back. */
export interface PacketLink {
  readonly ifname: string;
  /** Sends one whole Ethernet frame as it is. Errors: GatewayError "send-failed" (link down, buffer full). */
  send(frame: Uint8Array): void;
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
