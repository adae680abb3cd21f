// load-client.mjs JSON: the WAN's side of lab/load.ts. JSON: { targets: [{ host, port, answer }], from?: [address], downloads, bytes, rate, tick?, connectionsPerSecond, atOnce? }.
// Opens the downloads at once and keeps on making short connections, in turn to each target, until a line "stop" comes on stdin; then ends when
// the downloads have. Prints "open" when the downloads have all begun, and at the end one line of JSON: { downloads, connections } as counts by outcome.
import { connect } from "node:net";
import { BLOCK, slice } from "./load-pattern.mjs";

const {
  targets,
  from: addresses = [],
  downloads,
  bytes,
  rate,
  tick = 50,
  connectionsPerSecond,
  atOnce = Number.POSITIVE_INFINITY,
} = JSON.parse(process.argv[2] ?? "{}");
const PATIENCE_MS = 10_000;
const target = (n) => ({
  ...targets[n % targets.length],
  ...(addresses.length > 0 ? { localAddress: addresses[n % addresses.length] } : {}),
});
const counts = () => ({ good: 0, refused: 0, reset: 0, truncated: 0, wrong: 0, silent: 0, other: 0 });
const outcomes = { downloads: counts(), connections: counts() };
const times = [];
const complaints = [];

/** Runs one connection; `take(data)` judges what comes, `done()` whether all has come. Resolves with the outcome. */
function talk({ host, port, localAddress }, request, take, done, begun = () => {}) {
  return new Promise((resolve) => {
    let failed;
    const socket = connect({ host, port, localAddress, noDelay: true }, () => socket.write(request));
    socket.setTimeout(PATIENCE_MS, () => {
      failed ??= "silent";
      socket.destroy();
    });
    socket.on("data", (data) => {
      begun();
      if (take(data)) return;
      failed ??= "wrong";
      socket.destroy();
    });
    socket.on("error", ({ code }) => {
      failed ??=
        { ECONNREFUSED: "refused", ECONNRESET: "reset", EPIPE: "reset", ETIMEDOUT: "silent" }[code] ??
        "other";
      if (failed === "other") complaints.push(code);
    });
    socket.on("close", () => resolve(failed ?? (done() ? "good" : "truncated")));
  });
}

function matches(data, offset) {
  for (let from = 0; from < data.length; from += BLOCK) {
    const part = data.subarray(from, from + BLOCK);
    if (!part.equals(slice(offset + from, part.length))) return false;
  }
  return true;
}

let longestPauseMs = 0;

async function download(n, begun) {
  let received = 0;
  let last = Number.NaN;
  const take = (data) => {
    const now = performance.now();
    if (now - last > longestPauseMs) longestPauseMs = Math.round(now - last);
    last = now;
    const right = matches(data, received);
    received += data.length;
    return right;
  };
  const outcome = await talk(
    target(n),
    `stream ${bytes} ${rate} ${tick}\n`,
    take,
    () => received === bytes,
    begun,
  );
  outcomes.downloads[outcome]++;
}

async function hello(n) {
  const { answer } = target(n);
  const from = performance.now();
  let text = "";
  const take = (data) => {
    text += data;
    return answer.startsWith(text);
  };
  const outcome = await talk(target(n), "hello\n", take, () => text === answer);
  times.push(performance.now() - from);
  outcomes.connections[outcome]++;
}

let stopped = false;
let started = 0;
/** Not made, because there were too many already. */
let missed = 0;
const pending = new Set();
const from = performance.now();
function keepPace() {
  const due = ((performance.now() - from) / 1000) * connectionsPerSecond;
  for (; !stopped && started + missed < due; started++) {
    if (pending.size >= atOnce) {
      missed = due - started;
      return;
    }
    const one = hello(started).finally(() => pending.delete(one));
    pending.add(one);
  }
}
const pace = setInterval(keepPace, 5);
process.stdin.on("data", (text) => {
  if (String(text).includes("stop")) stopped = true;
});
const hasStopped = new Promise((resolve) => {
  const look = setInterval(() => {
    if (!stopped) return;
    clearInterval(look);
    clearInterval(pace);
    resolve((performance.now() - from) / 1000);
  }, 20);
});

let waiting = downloads;
const opened = () => {
  if (--waiting === 0) process.stdout.write("open\n");
};
const all = Array.from({ length: downloads }, (_, n) => {
  let first = true;
  return download(n, () => {
    if (first) opened();
    first = false;
  });
});
if (downloads === 0) process.stdout.write("open\n");
const seconds = await hasStopped;
await Promise.all([...all, ...pending]);
times.sort((a, b) => a - b);
const quantile = (q) => times[Math.min(times.length - 1, Math.floor(times.length * q))] ?? 0;
process.stdout.write(
  `${JSON.stringify({ ...outcomes, seconds, medianMs: quantile(0.5), p99Ms: quantile(0.99), slowestMs: quantile(1), longestPauseMs, complaints: complaints.slice(0, 10) })}\n`,
);
process.exit(0);
