/** The few libc calls behind raw packet sockets, by way of koffi; numbers as in the Linux headers of x86, ARM and RISC-V. */
import { createRequire } from "node:module";
import type { BpfInstruction } from "../../wire/bpf.ts";

export const SOL_SOCKET = 1;
export const SO_ERROR = 4;
export const SO_RCVBUF = 8;
export const SO_RCVBUFFORCE = 33;
export const SOL_PACKET = 263;
export const PACKET_ADD_MEMBERSHIP = 1;
export const PACKET_DROP_MEMBERSHIP = 2;
export const PACKET_IGNORE_OUTGOING = 23;
export const MSG_DONTWAIT = 0x40;
/** `recv` tells the length the frame had, not the length that fitted. */
export const MSG_TRUNC = 0x20;
export const POLLIN = 0x1;
export const EAGAIN = 11;
/** Bytes of one `struct pollfd`: int descriptor, short events, short revents. */
export const POLLFD_BYTES = 8;

const SO_ATTACH_FILTER = 26;
const AF_PACKET = 17;
const ETH_P_ALL = 3;
const PACKET_MR_UNICAST = 3;
const PACKET_MREQ_BYTES = 16;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const EFD_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;
const SOCKADDR_LL_BYTES = 20;
const AF_NETLINK = 16;
export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;
const SOCKADDR_NL_BYTES = 12;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const IF_NAMESIZE = 16;
const SOCK_FILTER_BYTES = 8;

/** Calls return what the C functions return; a negative value means: ask `errno()` at once. */
export interface Libc {
  errno(): number;
  /** `EPERM` for 1, or the number as text. */
  errnoName(errno: number): string;
  /** A raw socket that belongs to no protocol yet and therefore receives nothing. */
  packetSocket(): number;
  /** Starts reception of every protocol on one interface: taps bound to one protocol lose frames to a macvlan's rx_handler. */
  bindToInterface(fd: number, ifindex: number): number;
  /** The interface a packet socket is bound to; -1 once that interface is gone. */
  boundInterface(fd: number): number;
  /** A socket of one of netlink's families that hears of nothing yet; what is asked on it is answered on it. `port`: its address; 0: the kernel finds one. */
  netlinkSocket(family: number, port?: number): number;
  /** One of its family's multicast groups. */
  joinGroup(fd: number, group: number): number;
  attachFilter(fd: number, program: readonly BpfInstruction[]): number;
  setInt(fd: number, level: number, option: number, value: number): number;
  getInt(fd: number, level: number, option: number): number;
  /** PACKET_ADD_MEMBERSHIP, PACKET_DROP_MEMBERSHIP: one more address in the interface's filter for what comes in. */
  membership(fd: number, option: number, ifindex: number, address: Uint8Array): number;
  send(fd: number, bytes: Uint8Array, flags: number): number;
  recv(fd: number, into: Uint8Array, flags: number): number;
  poll(pollfds: Uint8Array, count: number, timeoutMs: number): number;
  /** A counter that `eventAdd` raises and `eventTake` empties; it becomes readable in `poll`. */
  eventfd(): number;
  eventAdd(fd: number): void;
  eventTake(fd: number): void;
  close(fd: number): number;
  /** 0 when there is no such interface. */
  ifindex(name: string): number;
  /** Undefined when there is no such interface. */
  ifname(index: number): string | undefined;
}

type Koffi = typeof import("koffi");
let shared: Libc | undefined;

/** Loads koffi at the first call, so that commands without packets never pay for it. Throws when koffi has no binary for this machine. */
export function libc(): Libc {
  shared ??= bindLibc(createRequire(import.meta.url)("koffi") as Koffi);
  return shared;
}

function bindLibc(koffi: Koffi): Libc {
  const program = koffi.load(null);
  const bytes = "uint8_t *";
  const sockFprog = koffi.struct({ len: "uint16_t", filter: bytes });
  const setFilter = program.func("setsockopt", "int", [
    "int",
    "int",
    "int",
    koffi.pointer(sockFprog),
    "uint32_t",
  ]);
  const setOption = program.func("setsockopt", "int", ["int", "int", "int", bytes, "uint32_t"]);
  const getOption = program.func("getsockopt", "int", ["int", "int", "int", bytes, bytes]);
  const socket = program.func("socket", "int", ["int", "int", "int"]);
  const bind = program.func("bind", "int", ["int", bytes, "uint32_t"]);
  const getName = program.func("getsockname", "int", ["int", bytes, bytes]);
  const send = program.func("send", "intptr_t", ["int", bytes, "size_t", "int"]);
  const recv = program.func("recv", "intptr_t", ["int", bytes, "size_t", "int"]);
  const poll = program.func("poll", "int", ["uint8_t *", "ulong", "int"]);
  const eventfd = program.func("eventfd", "int", ["uint", "int"]);
  const read = program.func("read", "intptr_t", ["int", bytes, "size_t"]);
  const write = program.func("write", "intptr_t", ["int", bytes, "size_t"]);
  const close = program.func("close", "int", ["int"]);
  const nameToIndex = program.func("if_nametoindex", "uint", ["str"]);
  const indexToName = program.func("if_indextoname", "str", ["uint", bytes]);
  const one = new Uint8Array(new BigUint64Array([1n]).buffer);
  return {
    errno: () => koffi.errno(),
    errnoName: (errno) => nameOf(koffi.os.errno, errno),
    packetSocket: () => socket(AF_PACKET, SOCK_RAW_NONBLOCK_CLOEXEC, 0),
    bindToInterface: (fd, ifindex) => bind(fd, sockaddrLl(ifindex), SOCKADDR_LL_BYTES),
    boundInterface(fd) {
      const address = sockaddrLl(0);
      return getName(fd, address, int32(SOCKADDR_LL_BYTES)) < 0 ? -1 : address.readInt32LE(4);
    },
    netlinkSocket(family, port = 0) {
      const fd = socket(AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, family);
      const address = Buffer.alloc(SOCKADDR_NL_BYTES);
      address.writeUInt16LE(AF_NETLINK, 0);
      address.writeUInt32LE(port, 4);
      if (fd < 0 || bind(fd, address, SOCKADDR_NL_BYTES) >= 0) return fd;
      const errno = koffi.errno();
      close(fd);
      koffi.errno(errno);
      return -1;
    },
    joinGroup: (fd, group) => setOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, int32(group), 4),
    attachFilter: (fd, filter) =>
      setFilter(
        fd,
        SOL_SOCKET,
        SO_ATTACH_FILTER,
        { len: filter.length, filter: sockFilters(filter) },
        koffi.sizeof(sockFprog),
      ),
    setInt: (fd, level, option, value) => setOption(fd, level, option, int32(value), 4),
    getInt(fd, level, option) {
      const value = int32(0);
      return getOption(fd, level, option, value, int32(4)) < 0 ? -1 : value.readInt32LE(0);
    },
    membership: (fd, option, ifindex, address) =>
      setOption(fd, SOL_PACKET, option, packetMreq(ifindex, address), PACKET_MREQ_BYTES),
    send: (fd, frame, flags) => send(fd, frame, frame.length, flags),
    recv: (fd, into, flags) => recv(fd, into, into.length, flags),
    poll: (pollfds, count, timeoutMs) => poll(pollfds, count, timeoutMs),
    eventfd: () => eventfd(0, EFD_NONBLOCK_CLOEXEC),
    eventAdd: (fd) => void write(fd, one, 8),
    eventTake: (fd) => void read(fd, new Uint8Array(8), 8),
    close: (fd) => close(fd),
    ifindex: (name) => nameToIndex(name),
    ifname: (index) => indexToName(index, Buffer.alloc(IF_NAMESIZE)) ?? undefined,
  };
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** `struct packet_mreq`: int index, short type, short length, eight bytes of address. */
function packetMreq(ifindex: number, address: Uint8Array): Buffer {
  const bytes = Buffer.alloc(PACKET_MREQ_BYTES);
  bytes.writeInt32LE(ifindex, 0);
  bytes.writeUInt16LE(PACKET_MR_UNICAST, 4);
  bytes.writeUInt16LE(address.length, 6);
  bytes.set(address, 8);
  return bytes;
}

/** `struct sockaddr_ll` for all protocols of one interface; all machines we run on are little-endian. */
function sockaddrLl(ifindex: number): Buffer {
  const address = Buffer.alloc(SOCKADDR_LL_BYTES);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16BE(ETH_P_ALL, 2);
  address.writeInt32LE(ifindex, 4);
  return address;
}

function sockFilters(program: readonly BpfInstruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * SOCK_FILTER_BYTES);
  for (const [i, { code, jt, jf, k }] of program.entries()) {
    const at = i * SOCK_FILTER_BYTES;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(jt, at + 2);
    bytes.writeUInt8(jf, at + 3);
    bytes.writeUInt32LE(k >>> 0, at + 4);
  }
  return bytes;
}

/** koffi's table also holds Windows' WSA names and aliases; the first plain name wins. */
function nameOf(table: Record<string, number>, errno: number): string {
  const found = Object.entries(table).find(([, value]) => value === errno);
  return found === undefined ? `errno ${errno}` : found[0];
}
