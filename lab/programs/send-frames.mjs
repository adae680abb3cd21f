// send-frames.mjs INTERFACE HEX…: puts whole Ethernet frames on the wire as they are.
import { errno, openPort } from "./packet-port.mjs";

const [, , ifname = "", ...frames] = process.argv;
const send = openPort(ifname);
for (const hex of frames) {
  if (!send(Buffer.from(hex, "hex"))) {
    console.error(`send-frames.mjs: error ${errno()}`);
    process.exit(1);
  }
}
