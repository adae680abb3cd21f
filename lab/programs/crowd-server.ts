// The real API and dashboard over made-up devices (lab/suites/crowd.ts). Arguments: ADDRESS PORT COUNT TOKEN. Prints "serving" once it listens. On stdin a line with a number: from
// then on so many devices change a second. Ends with SIGTERM.
import { createInterface } from "node:readline";
import { createApi } from "../../src/api/api.ts";
import { systemClock } from "../../src/io/clock.ts";
import { HttpServer } from "../../src/io/http-server.ts";
import { openLog } from "../../src/io/log.ts";
import { loopLag } from "../../src/io/loop-lag.ts";
import { sameSecret } from "../../src/io/secret.ts";
import { vitals } from "../../src/io/vitals.ts";
import { readWebFiles } from "../../src/io/web-files.ts";
import { Crowd } from "../suites/crowd.ts";

const [, , address = "127.0.0.1", port = "5050", count = "1000", token = ""] = process.argv;
const crowd = new Crowd(systemClock, Number(count));
const log = openLog({ level: "warn" });
const { app } = createApi({
  inspection: crowd.inspection,
  version: "crowd",
  counters: async () => new Map(),
  conntrack: async () => undefined,
  loopLag,
  hooks: () => [],
  log,
  logLevels: log,
  vitals,
  pages: await readWebFiles(import.meta.url),
  token,
  sameSecret,
  perDevice: false,
  openReading: true,
  hostnames: [],
  withForwards: () => Promise.reject(new Error("made-up devices have no forwards")),
  withInbound: () => Promise.reject(new Error("made-up devices have no forwards")),
});
const server = new HttpServer({
  fetch: app("tcp").fetch,
  place: { address, port: Number(port) },
  onTrouble: (sentence) => {
    if (sentence) process.stderr.write(`${sentence}\n`);
  },
});
await server.start();
process.stdout.write("serving\n");
process.once("SIGTERM", () => void server.close().then(() => process.exit(0)));
for await (const line of createInterface({ input: process.stdin })) crowd.change(Number(line));
