// client.mjs udp IP PORT TEXT COUNT    sends COUNT datagrams, ten a second, and prints each answer; ends with the last answer or 2 s after the last datagram
// client.mjs tcp IP PORT TEXT          connects, sends TEXT as a line, prints what comes until TEXT is back or 5 s have passed
// client.mjs download URL              prints the size of each piece; exit code 0: complete, 7: no connection, 18: cut off
import { createSocket } from "node:dgram";
import { get } from "node:http";
import { connect } from "node:net";

const [, , mode, target, port, text = "", count = "1"] = process.argv;

function udp() {
  const socket = createSocket(target.includes(":") ? "udp6" : "udp4");
  let sent = 0;
  let answers = 0;
  const end = () => process.exit(answers === Number(count) ? 0 : 1);
  socket.on("error", end);
  socket.on("message", (message) => {
    process.stdout.write(`${message}\n`);
    if (++answers === Number(count)) end();
  });
  const timer = setInterval(send, 100);
  function send() {
    socket.send(text, Number(port), target);
    if (++sent < Number(count)) return;
    clearInterval(timer);
    setTimeout(end, 2000);
  }
  send();
}

function tcp() {
  const socket = connect(Number(port), target);
  let received = "";
  const end = (code) => {
    process.stdout.write(received, () => process.exit(code));
  };
  socket.on("error", () => end(7));
  socket.on("close", () => end(18));
  socket.on("data", (chunk) => {
    received += chunk;
    if (received.includes(text)) end(0);
  });
  socket.write(`${text}\r\n`);
  setTimeout(() => end(1), 5000);
}

function download() {
  const request = get(target, (response) => {
    response.on("data", (chunk) => process.stdout.write(`${chunk.length}\n`));
    response.on("end", () => process.exit(response.complete ? 0 : 18));
    response.on("error", () => process.exit(18));
  });
  request.on("error", () => process.exit(7));
}

({ udp, tcp, download })[mode]();
