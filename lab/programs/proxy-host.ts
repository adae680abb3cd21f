// The IPv6 proxy without the rest of the gateway, for lab/proxy-lab.ts. Arguments: BACKEND DIRECTORY LEVEL. Reads JSON lines from stdin: { "update": ProxyDesired }
// or { "status": true }; prints JSON lines: { "status": … }, and the log on stderr. Ends with SIGTERM.
import { createInterface } from "node:readline";
import { HaproxyProxy } from "../../src/app/proxy/haproxy.ts";
import { Proxies } from "../../src/app/proxy/proxies.ts";
import { SocatBackend } from "../../src/app/proxy/socat.ts";
import type { LogLevel } from "../../src/base/log-areas.ts";
import { systemClock } from "../../src/io/clock.ts";
import { systemFiles } from "../../src/io/files.ts";
import { openLog } from "../../src/io/log.ts";
import { systemProcesses } from "../../src/io/processes.ts";
import { systemRuntimeSockets } from "../../src/io/runtime-socket.ts";
import type { ProxyDesired } from "../../src/plan/proxy.ts";

const [, , wanted = "auto", runtimeDirectory = "", level = "info"] = process.argv;
const log = openLog({ level: level as LogLevel });
const processes = systemProcesses;
const proxies = new Proxies({
  wanted: wanted as "auto" | "haproxy" | "socat",
  processes,
  log,
  runtimeDirectory,
  backends: {
    haproxy: () =>
      new HaproxyProxy({
        processes,
        sockets: systemRuntimeSockets,
        files: systemFiles,
        clock: systemClock,
        log,
        runtimeDirectory,
        maxDevices: 1000,
        logConnections: level === "debug",
      }),
    socat: () => new SocatBackend({ processes, log, limit: 200 }),
  },
});
process.once("SIGTERM", () => void proxies.stop().then(() => process.exit(0)));
await proxies.start();
for await (const line of createInterface({ input: process.stdin })) {
  const { update } = JSON.parse(line) as { update?: ProxyDesired };
  if (update) proxies.update(update);
  else process.stdout.write(`${JSON.stringify({ status: proxies.status() })}\n`);
}
