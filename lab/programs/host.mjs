// A host's services, in one process: web, banner ("telnet-like") and UDP echo servers.
// Argument: JSON { name, web: [port…], banner: [port…], udpEcho: [port…] }. Prints one JSON line per request: { kind, port, from, path }.
import { createSocket } from "node:dgram";
import { createServer as createWebServer } from "node:http";
import { createServer } from "node:net";

const { name, web = [], banner = [], udpEcho = [] } = JSON.parse(process.argv[2] ?? "{}");
const note = (entry) => process.stdout.write(`${JSON.stringify(entry)}\n`);
const plain = (address) => (address ?? "").replace(/^::ffff:/, "");

/** Sends `bytes` octets at `rate` octets a second, in ten pieces a second. */
function drip(response, bytes, rate) {
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes });
  let left = bytes;
  const piece = Math.max(1, Math.floor(rate / 10));
  const timer = setInterval(() => {
    const size = Math.min(left, piece);
    response.write(Buffer.alloc(size, 0x61));
    left -= size;
    if (left > 0) return;
    clearInterval(timer);
    response.end();
  }, 100);
  response.on("close", () => clearInterval(timer));
}

function answer(port) {
  return (request, response) => {
    const from = plain(request.socket.remoteAddress);
    const url = new URL(request.url ?? "/", "http://host");
    note({ kind: "web", port, from, path: request.url });
    if (url.pathname === "/slow") {
      drip(response, Number(url.searchParams.get("bytes")), Number(url.searchParams.get("rate")));
    } else if (url.pathname === "/bytes") {
      response.end(Buffer.alloc(Number(url.searchParams.get("n")), 0x61));
    } else {
      response.setHeader("content-type", "application/json");
      response.end(`${JSON.stringify({ server: name, client: from, port, path: request.url })}\n`);
    }
  };
}

function greet(port) {
  return (socket) => {
    note({ kind: "banner", port, from: plain(socket.remoteAddress) });
    socket.on("error", () => {});
    socket.write(`${name} ready\r\n`);
    socket.pipe(socket);
  };
}

function echo(port) {
  const socket = createSocket({ type: "udp6", ipv6Only: false });
  socket.on("message", (message, peer) => {
    note({ kind: "udp", port, from: plain(peer.address), bytes: message.length });
    socket.send(message, peer.port, peer.address);
  });
  return new Promise((resolve) => socket.bind(port, resolve));
}

const listen = (server, port) => new Promise((resolve) => server.listen(port, resolve));
await Promise.all([
  ...web.map((port) => listen(createWebServer(answer(port)), port)),
  ...banner.map((port) => listen(createServer(greet(port)), port)),
  ...udpEcho.map(echo),
]);
note({ kind: "ready" });
