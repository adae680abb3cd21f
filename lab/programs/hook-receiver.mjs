// hook-receiver.mjs PORT: takes webhooks, prints each as a line of JSON, { headers, body }, and answers 204.
import { createServer } from "node:http";

createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    console.log(JSON.stringify({ headers: request.headers, body, from: request.socket.remoteAddress }));
    response.writeHead(204).end();
  });
}).listen(Number(process.argv[2]), "0.0.0.0", () => console.log("{}"));
