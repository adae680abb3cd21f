// What puts whole Ethernet frames on the wire of an interface as they are: gives true when a frame went.
import koffi from "koffi";

const libc = koffi.load(null);
const socket = libc.func("int socket(int domain, int type, int protocol)");
const sendto = libc.func(
  "long sendto(int fd, const uint8_t *bytes, size_t length, int flags, const uint8_t *to, uint32_t toLength)",
);
const nametoindex = libc.func("uint32_t if_nametoindex(const char *name)");

export const errno = () => koffi.errno();

export function openPort(ifname) {
  // AF_PACKET, SOCK_RAW; protocol 0 receives nothing. struct sockaddr_ll: family, protocol, index.
  const fd = socket(17, 3, 0);
  const to = Buffer.alloc(20);
  to.writeUInt16LE(17, 0);
  to.writeInt32LE(nametoindex(ifname), 4);
  return (frame) => sendto(fd, frame, frame.length, 0, to, to.length) === frame.length;
}
