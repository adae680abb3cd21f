// broadcast.mjs INTERFACE MAC PER-SECOND SECONDS: ARP requests of one station for others that are not there, as busy segments have them.
import koffi from "koffi";

const [, , ifname = "", mac = "", perSecond = "0", seconds = "0"] = process.argv;
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

const frame = Buffer.alloc(60);
const own = Buffer.from(mac.replaceAll(":", ""), "hex");
frame.fill(0xff, 0, 6);
own.copy(frame, 6);
Buffer.from("080600010800060400 01".replaceAll(" ", ""), "hex").copy(frame, 12);
own.copy(frame, 22);
Buffer.from([198, 18, 0, 250]).copy(frame, 28);

let sent = 0;
const startedAt = performance.now();
const timer = setInterval(() => {
  const elapsed = (performance.now() - startedAt) / 1000;
  if (elapsed >= Number(seconds)) {
    clearInterval(timer);
    process.stdout.write(`${sent}\n`);
    return;
  }
  for (const due = elapsed * Number(perSecond); sent < due; sent++) {
    Buffer.from([198, 18, 200 + ((sent >> 8) & 31), sent & 255]).copy(frame, 38);
    sendto(fd, frame, frame.length, 0, to, to.length);
  }
}, 10);
