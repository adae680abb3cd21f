/** Adapter of ports/PacketLinks: raw sockets of Linux, read by one thread for all of them. */
import { GatewayError, messageOf } from "../../base/errors.ts";
import { type Mac, macToBytes } from "../../base/mac.ts";
import type { PacketLink, PacketLinks } from "../../ports/packet-link.ts";
import type { BpfInstruction } from "../../wire/bpf.ts";
import { type Libc, libc, PACKET_ADD_MEMBERSHIP, PACKET_DROP_MEMBERSHIP } from "./libc.ts";
import type { Reader } from "./reader.ts";
import { sharedReader } from "./shared-reader.ts";
import { openPacketSocket, sendFrame } from "./socket.ts";

export interface PacketLinkOptions {
  /**
   * Something went wrong while reading, told once each: "interface-gone" (the link works again once it is back), "reader-failed" (it restarts).
   * A link that goes down and comes up again is no error.
   */
  readonly onError?: (ifname: string | undefined, error: GatewayError) => void;
  /** The program of the reader thread. Default: `packet-reader.js` beside the running bundle, else that bundle. */
  readonly readerProgram?: URL;
  /** Copies of what this host sends are delivered too, those that the sending socket itself sends excepted. Default: none are. */
  readonly hearsOwn?: boolean;
}

/** Errors: GatewayError "no-packet-sockets" when koffi has no binary for this machine. */
export function openPacketLinks(options: PacketLinkOptions = {}): PacketLinks {
  const calls = loadLibc();
  const report = options.onError ?? (() => {});
  const hearsOwn = options.hearsOwn ?? false;
  const reader = sharedReader(calls, options.readerProgram);
  reader.onCrash = (message) =>
    report(
      undefined,
      new GatewayError("reader-failed", "bug", `the packet reader thread failed: ${message}`),
    );
  return {
    async open(ifname, filter, onFrame) {
      return openLink({ calls, reader, report, hearsOwn }, ifname, filter, onFrame);
    },
  };
}

function loadLibc(): Libc {
  try {
    return libc();
  } catch (error) {
    throw new GatewayError(
      "no-packet-sockets",
      "operator",
      `the native part for packet sockets cannot be loaded: ${messageOf(error)}`,
      "ship node_modules/koffi and the @koromix/koffi-linux-<architecture> package beside the bundle",
      { cause: error },
    );
  }
}

interface Shared {
  readonly calls: Libc;
  readonly reader: Reader;
  readonly report: (ifname: string, error: GatewayError) => void;
  readonly hearsOwn: boolean;
}

/** After the link went down it may be about to be removed; the kernel wakes us only for the first of the two. */
const GONE_CHECK_MS = 250;
/** A network driver that restarts, or a bridge that is made anew, comes back under its name and with another index. */
const LOOK_AGAIN_MS = 500;

function openLink(
  shared: Shared,
  ifname: string,
  filter: readonly BpfInstruction[],
  onFrame: (frame: Uint8Array) => void,
): PacketLink {
  const link = new Link(shared, ifname, filter, onFrame);
  return {
    ifname,
    send: (frame) => link.send(frame),
    listenFor: (mac) => link.listenFor(mac),
    listenNoMore: (mac) => link.listenNoMore(mac),
    close: () => link.close(),
  };
}

class Link {
  #fd: number;
  #id: number;
  /** The interface that it is bound to, as the kernel counts them. */
  #ifindex: number;
  #state: "open" | "gone" | "closed" = "open";
  #retry: NodeJS.Timeout | undefined;
  readonly #listening = new Set<Mac>();

  constructor(
    private readonly shared: Shared,
    private readonly ifname: string,
    private readonly filter: readonly BpfInstruction[],
    private readonly onFrame: (frame: Uint8Array) => void,
  ) {
    [this.#fd, this.#id, this.#ifindex] = this.#open();
  }

  #open(): readonly [fd: number, id: number, ifindex: number] {
    const { calls, reader, hearsOwn } = this.shared;
    const fd = openPacketSocket(calls, this.ifname, this.filter, hearsOwn);
    const onTrouble = (_errno: number, dead: boolean): void => {
      if (dead) this.#checkGone();
      else setTimeout(() => this.#checkGone(), GONE_CHECK_MS).unref();
    };
    const ifindex = calls.boundInterface(fd);
    for (const mac of this.#listening) this.#member(fd, ifindex, PACKET_ADD_MEMBERSHIP, mac);
    return [fd, reader.add({ fd, onFrame: this.onFrame, onTrouble }), ifindex];
  }

  #checkGone(): void {
    const { calls, report } = this.shared;
    if (this.#state !== "open" || calls.boundInterface(this.#fd) > 0) return;
    this.#state = "gone";
    report(
      this.ifname,
      new GatewayError("interface-gone", "kernel", `the network interface ${this.ifname} is gone`),
    );
    this.#lookAgain();
  }

  #lookAgain(): void {
    this.#retry = setTimeout(() => this.#reopen(), LOOK_AGAIN_MS).unref();
  }

  #reopen(): void {
    const old = [this.#fd, this.#id] as const;
    try {
      [this.#fd, this.#id, this.#ifindex] = this.#open();
    } catch {
      this.#lookAgain();
      return;
    }
    this.#state = "open";
    void this.#end(...old);
  }

  async #end(fd: number, id: number): Promise<void> {
    await this.shared.reader.remove(id);
    this.shared.calls.close(fd);
  }

  send(frame: Uint8Array): void {
    if (this.#state === "closed")
      throw new GatewayError("send-failed", "bug", `the socket on ${this.ifname} is closed`);
    try {
      sendFrame(this.shared.calls, this.#fd, this.ifname, frame);
    } catch (error) {
      this.#checkGone();
      throw error;
    }
  }

  listenFor(mac: Mac): void {
    if (this.#state === "closed" || this.#listening.has(mac)) return;
    this.#listening.add(mac);
    this.#member(this.#fd, this.#ifindex, PACKET_ADD_MEMBERSHIP, mac);
  }

  listenNoMore(mac: Mac): void {
    if (this.#state !== "closed" && this.#listening.delete(mac))
      this.#member(this.#fd, this.#ifindex, PACKET_DROP_MEMBERSHIP, mac);
  }

  /** What fails is not worth a word: the port is gone, or it has no filter and takes in everything. */
  #member(fd: number, ifindex: number, option: number, mac: Mac): void {
    this.shared.calls.membership(fd, option, ifindex, macToBytes(mac));
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearTimeout(this.#retry);
    await this.#end(this.#fd, this.#id);
  }
}
