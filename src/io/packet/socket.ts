/** Opening a raw packet socket and sending on it. */
import { GatewayError } from "../../base/errors.ts";
import type { BpfInstruction } from "../../wire/bpf.ts";
import {
  type Libc,
  MSG_DONTWAIT,
  PACKET_IGNORE_OUTGOING,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOL_PACKET,
  SOL_SOCKET,
} from "./libc.ts";

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * A non-blocking raw socket bound to `ifname`. The socket belongs to no protocol until everything is set, so no unfiltered frame and, unless it
 * `hearsOwn`, no copy of our own frames is ever queued. Errors: GatewayError "no-interface", "no-rights", "socket-failed".
 */
export function openPacketSocket(
  calls: Libc,
  ifname: string,
  filter: readonly BpfInstruction[],
  hearsOwn = false,
): number {
  const ifindex = calls.ifindex(ifname);
  if (ifindex === 0) throw noInterface(ifname);
  const fd = calls.packetSocket();
  if (fd < 0) throw openError(calls, ifname, "a raw socket");
  try {
    const check = (result: number, what: string): void => {
      if (result < 0) throw openError(calls, ifname, what);
    };
    if (filter.length > 0) check(calls.attachFilter(fd, filter), "the packet filter");
    if (!hearsOwn) check(calls.setInt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1), "PACKET_IGNORE_OUTGOING");
    enlargeReceiveBuffer(calls, fd, RECEIVE_BUFFER_BYTES);
    check(calls.bindToInterface(fd, ifindex), "binding");
    return fd;
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}

/** Only the host's own root may exceed net.core.rmem_max; elsewhere that is what we get. */
export function enlargeReceiveBuffer(calls: Libc, fd: number, bytes: number): void {
  if (calls.setInt(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes) < 0) calls.setInt(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}

const noInterface = (ifname: string): GatewayError =>
  new GatewayError("no-interface", "operator", `there is no network interface ${ifname}`);

function openError(calls: Libc, ifname: string, what: string): GatewayError {
  const name = calls.errnoName(calls.errno());
  if (name === "EPERM" || name === "EACCES")
    return new GatewayError(
      "no-rights",
      "operator",
      `no right to open a raw socket on ${ifname} (${name})`,
      "run the gateway as root, or give it CAP_NET_RAW and CAP_NET_ADMIN",
    );
  if (name === "ENODEV" || name === "ENXIO") return noInterface(ifname);
  return new GatewayError("socket-failed", "kernel", `raw socket on ${ifname}: ${what} failed (${name})`);
}

/** Errors: GatewayError "send-failed". */
export function sendFrame(calls: Libc, fd: number, ifname: string, frame: Uint8Array): void {
  if (calls.send(fd, frame, MSG_DONTWAIT) >= 0) return;
  const errno = calls.errno();
  throw new GatewayError(
    "send-failed",
    "kernel",
    `${ifname} did not take a frame: ${reason(calls.errnoName(errno))}`,
  );
}

function reason(name: string): string {
  switch (name) {
    case "EAGAIN":
    case "ENOBUFS":
      return `its send queue is full (${name})`;
    case "ENETDOWN":
      return `the link is down (${name})`;
    case "ENXIO":
    case "ENODEV":
      return `the interface is gone (${name})`;
    case "EMSGSIZE":
      return `the frame is longer than its MTU (${name})`;
    default:
      return name;
  }
}
