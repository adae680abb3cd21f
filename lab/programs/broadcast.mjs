// broadcast.mjs INTERFACE MAC PER-SECOND SECONDS: ARP requests of one station for others that are not there, as busy segments have them.
import { openPort } from "./packet-port.mjs";

const [, , ifname = "", mac = "", perSecond = "0", seconds = "0"] = process.argv;
const send = openPort(ifname);

const frame = Buffer.alloc(60);
const own = Buffer.from(mac.replaceAll(":", ""), "hex");
frame.fill(0xff, 0, 6);
own.copy(frame, 6);
Buffer.from("08060001080006040001", "hex").copy(frame, 12);
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
    send(frame);
  }
}, 10);
