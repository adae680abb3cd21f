// load-server.mjs PORT…: a device's side of lab/load.ts, on all its addresses. A client sends one line:
//   hello              answers "hello from ADDRESS, port PORT\n" and closes
//   stream BYTES RATE TICK  answers so many octets of the pattern, so many a second (0: as fast as it goes) in pieces every TICK ms, and closes
// Prints "ready" when all ports listen.
import { createServer } from "node:net";
import { BLOCK, slice } from "./load-pattern.mjs";

function hello(socket) {
  const address = (socket.localAddress ?? "").replace(/^::ffff:/, "");
  socket.end(`hello from ${address}, port ${socket.localPort}\n`);
}

function stream(socket, bytes, rate, tick) {
  let sent = 0;
  const piece = rate === 0 ? BLOCK : Math.max(1, Math.min(BLOCK, Math.floor((rate * tick) / 1000)));
  const send = () => {
    const length = Math.min(piece, bytes - sent);
    const more = socket.write(slice(sent, length));
    sent += length;
    if (sent < bytes) return more;
    clearInterval(timer);
    socket.end();
    return false;
  };
  const flood = () => {
    while (sent < bytes && send());
  };
  const timer = rate === 0 ? undefined : setInterval(send, tick);
  socket.on("close", () => clearInterval(timer));
  if (rate !== 0) return;
  socket.on("drain", flood);
  flood();
}

function serve(socket) {
  let line = "";
  socket.on("error", () => socket.destroy());
  socket.on("data", (data) => {
    line += data;
    if (!line.includes("\n")) return;
    socket.removeAllListeners("data");
    socket.resume();
    const [command, bytes, rate, tick] = line.trim().split(" ");
    if (command === "stream") stream(socket, Number(bytes), Number(rate), Number(tick));
    else hello(socket);
  });
}

const listen = (port) =>
  new Promise((resolve) => {
    createServer({ noDelay: true }, serve).listen({ port, host: "0.0.0.0", backlog: 4096 }, resolve);
  });
await Promise.all(process.argv.slice(2).map((port) => listen(Number(port))));
process.stdout.write("ready\n");
