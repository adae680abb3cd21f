/** Adapter of ports/PacketLinks: raw sockets of Linux, read by one thread for all of them. */
import { existsSync } from "node:fs";
import { GatewayError, messageOf } from "../../base/errors.ts";
import type { PacketLink, PacketLinks } from "../../ports/packet-link.ts";
import type { BpfInstruction } from "../../wire/bpf.ts";
import { type Libc, libc } from "./libc.ts";
import { Reader } from "./reader.ts";
import { openPacketSocket, sendFrame } from "./socket.ts";

export interface PacketLinkOptions {
  /**
   * Something went wrong while reading, told once each: "interface-gone" (open again when it is back), "reader-failed" (it restarts).
   * A link that goes down and comes up again is no error.
   */
  readonly onError?: (ifname: string | undefined, error: GatewayError) => void;
  /** The program of the reader thread. Default: `packet-reader.js` beside the running bundle, else that bundle. */
  readonly readerProgram?: URL;
}

/** Errors: GatewayError "no-packet-sockets" when koffi has no binary for this machine. */
export function openPacketLinks(options: PacketLinkOptions = {}): PacketLinks {
  const calls = loadLibc();
  const report = options.onError ?? (() => {});
  const reader = new Reader(calls, options.readerProgram ?? defaultReaderProgram(), (message) =>
    report(
      undefined,
      new GatewayError("reader-failed", "bug", `the packet reader thread failed: ${message}`),
    ),
  );
  return {
    async open(ifname, filter, onFrame) {
      return openLink({ calls, reader, report }, ifname, filter, onFrame);
    },
  };
}

/**
 * The small program where the build made one, because a thread that loads the whole gateway takes 10 MB more; a bundle without it is
 * its own program, and its entry calls `runPacketReaderIfWorker()` first.
 */
function defaultReaderProgram(): URL {
  const small = new URL("packet-reader.js", import.meta.url);
  return existsSync(small) ? small : new URL(import.meta.url);
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
}

/** After the link went down it may be about to be removed; the kernel wakes us only for the first of the two. */
const GONE_CHECK_MS = 250;

function openLink(
  { calls, reader, report }: Shared,
  ifname: string,
  filter: readonly BpfInstruction[],
  onFrame: (frame: Uint8Array) => void,
): PacketLink {
  const fd = openPacketSocket(calls, ifname, filter);
  let state: "open" | "gone" | "closed" = "open";
  const checkGone = (): void => {
    if (state !== "open" || calls.boundInterface(fd) > 0) return;
    state = "gone";
    report(ifname, new GatewayError("interface-gone", "kernel", `the network interface ${ifname} is gone`));
  };
  const id = reader.add({
    fd,
    onFrame,
    onTrouble(_errno, dead) {
      if (dead) checkGone();
      else setTimeout(checkGone, GONE_CHECK_MS).unref();
    },
  });
  return {
    ifname,
    send(frame) {
      if (state === "closed")
        throw new GatewayError("send-failed", "bug", `the socket on ${ifname} is closed`);
      try {
        sendFrame(calls, fd, ifname, frame);
      } catch (error) {
        checkGone();
        throw error;
      }
    },
    async close() {
      if (state === "closed") return;
      state = "closed";
      await reader.remove(id);
      calls.close(fd);
    },
  };
}
