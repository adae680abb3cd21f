// pref64.mjs INTERFACE PREFIX FLAGS ROUTERLIFETIME: a Router Advertisement a second with nothing but a PREF64 option (RFC 8781).
import koffi from "koffi";

const [, , ifname = "", prefix = "", flags = "0", routerLifetime = "0"] = process.argv;
const libc = koffi.load(null);
const socket = libc.func("int socket(int domain, int type, int protocol)");
const setsockopt = libc.func(
  "int setsockopt(int fd, int level, int name, const int *value, uint32_t length)",
);
const sendto = libc.func(
  "long sendto(int fd, const uint8_t *bytes, size_t length, int flags, const uint8_t *to, uint32_t toLength)",
);
const nametoindex = libc.func("uint32_t if_nametoindex(const char *name)");

/** The 16 octets of an address without dotted text. */
function octets(address) {
  const [head = "", tail] = address.split("::").map((half) => half.split(":").filter(Boolean));
  const groups =
    tail === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

function advertisement() {
  const [address = "", length = "96"] = prefix.split("/");
  const body = Buffer.alloc(32);
  body.writeUInt8(134, 0);
  body.writeUInt8(64, 4);
  body.writeUInt8(Number(flags), 5);
  body.writeUInt16BE(Number(routerLifetime), 6);
  body.writeUInt8(38, 16);
  body.writeUInt8(2, 17);
  // 1800 s in units of 8 s, and the code of the prefix length.
  body.writeUInt16BE((225 << 3) | [96, 64, 56, 48, 40, 32].indexOf(Number(length)), 18);
  octets(address).copy(body, 20, 0, 12);
  return body;
}

/** struct sockaddr_in6 of ff02::1 on the interface. */
function allNodes() {
  const to = Buffer.alloc(28);
  to.writeUInt16LE(10, 0);
  to.writeUInt16BE(0xff02, 8);
  to.writeUInt8(1, 23);
  to.writeUInt32LE(nametoindex(ifname), 24);
  return to;
}

// AF_INET6, SOCK_RAW, IPPROTO_ICMPV6; the kernel fills in the checksum. IPPROTO_IPV6, IPV6_MULTICAST_HOPS: RFC 4861 wants 255.
const fd = socket(10, 3, 58);
if (fd < 0 || setsockopt(fd, 41, 18, [255], 4) !== 0) {
  console.error(`pref64.mjs: no raw socket, error ${koffi.errno()}`);
  process.exit(1);
}
const body = advertisement();
const to = allNodes();
function send() {
  if (sendto(fd, body, body.length, 0, to, to.length) < 0)
    console.error(`pref64.mjs: error ${koffi.errno()}`);
}
send();
setInterval(send, 1000);
