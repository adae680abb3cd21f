// Reads one JSON object from standard input, makes the HTTP requests in it, and prints {"answers": [...]} as JSON.
//   {"requests": [{"host", "port", "socketPath", "method", "path", "headers", "body", "megabytes", "readMs", "until"}], "atOnce": true}
// megabytes: instead of a body, so much without a length. readMs: stop reading so long after all that are made at once have their first answer, and answer with what came, as of a stream. until: stop once this
//   regular expression matches what came.
// An answer: {"status", "headers", "body"} or {"error"}; "sent" bytes where there were megabytes.
import { request } from "node:http";
import { text } from "node:stream/consumers";

const piece = Buffer.alloc(1024 * 1024, "x");

function sendMuch(outgoing, megabytes, answer) {
  let left = megabytes;
  const more = () => {
    while (left > 0 && !outgoing.destroyed) {
      left--;
      answer.sent = (answer.sent ?? 0) + piece.length;
      if (!outgoing.write(piece)) return;
    }
    if (left === 0) outgoing.end();
  };
  outgoing.on("drain", more);
  more();
}

/** How many have neither a status nor an error yet, and what waits for them. */
let unanswered = 0;
const waiting = [];

function hasAnswer() {
  unanswered--;
  if (unanswered === 0) for (const go of waiting.splice(0)) go();
}

function ask({ body, megabytes, readMs, until, ...options }) {
  return new Promise((resolve) => {
    const answer = {};
    unanswered++;
    const outgoing = request({ agent: false, ...options }, (incoming) => {
      answer.status = incoming.statusCode;
      answer.headers = incoming.headers;
      answer.body = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk) => {
        answer.body += chunk;
        if (until !== undefined && new RegExp(until).test(answer.body)) end();
      });
      const end = () => {
        resolve(answer);
        outgoing.destroy();
      };
      incoming.on("close", end);
      if (readMs !== undefined) waiting.push(() => setTimeout(end, readMs));
      hasAnswer();
    });
    outgoing.on("error", (error) => {
      if (answer.status === undefined && answer.error === undefined) {
        answer.error = error.message;
        hasAnswer();
      }
      resolve(answer);
    });
    if (megabytes) sendMuch(outgoing, megabytes, answer);
    else outgoing.end(body);
  });
}

const { requests, atOnce } = JSON.parse(await text(process.stdin));
const answers = [];
if (atOnce) answers.push(...(await Promise.all(requests.map(ask))));
else for (const one of requests) answers.push(await ask(one));
process.stdout.write(JSON.stringify({ answers }), () => process.exit(0));
