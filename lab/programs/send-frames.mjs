// send-frames.mjs INTERFACE HEX…: puts whole Ethernet frames on the wire as they are.
import koffi from "koffi";

const [, , ifname = "", ...frames] = process.argv;
const libc = koffi.load(null);
const socket = libc.func("int socket(int domain, int type, int protocol)");
const sendto = libc.func(
  "long sendto(int fd, const uint8_t *bytes, size_t length, int flags, const uint8_t *to, uint32_t toLength)",
);
const nametoindex = libc.func("uint32_t if_nametoindex(const char *name)");

// AF_PACKET, SOCK_RAW; protocol 0 receives nothing. struct sockaddr_ll: family, protocol, index.
const fd = socket(17, 3, 0);
const to = Buffer.alloc(20);
to.writeUInt16LE(17, 0);
to.writeInt32LE(nametoindex(ifname), 4);
for (const hex of frames) {
  const frame = Buffer.from(hex, "hex");
  if (sendto(fd, frame, frame.length, 0, to, to.length) !== frame.length) {
    console.error(`send-frames.mjs: error ${koffi.errno()}`);
    process.exit(1);
  }
}
