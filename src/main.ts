/**
 * The entry: what stands on the command line decides what is loaded, so that each command starts with what it needs. What asks the running gateway is
 * in one file with this; the build makes programs of their own of `heavy` (scripts/bundles.mjs). Part of the composition root.
 */
import { existsSync } from "node:fs";
import packageJson from "../package.json" with { type: "json" };
import { defaultConfigPath, type Output } from "./cli/config-place.ts";
import { type Commands, runProgram } from "./cli/program.ts";

const out = (text: string): void => void process.stdout.write(text);
const err = (text: string): void => void process.stderr.write(text);
const io: Output = { out, err };

const files = () => import("./wiring/files-of.ts");
const forwards = async () => (await import("./wiring/forward-commands.ts")).forwardCommands(io);
const configCommands = () => import("./cli/config-commands.ts");
const look = () => import("./wiring/look.ts");

const commands: Commands = {
  run: async (place) => (await import("./wiring/run-gateway.ts")).run(place),
  logLevel: async (place, args) => (await import("./wiring/log-level.ts")).logLevel(place, args, io),
  cleanup: async (place, options) =>
    (await import("./wiring/remove-all.ts")).removeAll(place, { ...options, ...io }),
  forwardAdd: async (...given) => (await forwards()).forwardAdd(...given),
  forwardRemove: async (...given) => (await forwards()).forwardRemove(...given),
  forwardList: async (...given) => (await forwards()).forwardList(...given),
  forwardQuick: async (...given) => (await forwards()).forwardQuick(...given),
  inboundEnable: async (...given) => (await forwards()).inboundEnable(...given),
  inboundDisable: async (...given) => (await forwards()).inboundDisable(...given),
  inboundStatus: async (...given) => (await forwards()).inboundStatus(...given),
  configCheck: async (place, options) =>
    (await import("./cli/config-check.ts")).configCheck(place, (await files()).readText, {
      ...options,
      ...io,
    }),
  configShow: async (place, options) =>
    (await configCommands()).configShow(place, (await files()).readText, { ...options, ...io }),
  configImport: async (file, options) =>
    (await import("./cli/config-import.ts")).configImport(file, (await files()).readText, {
      ...options,
      ...io,
    }),
  selfTest: async (options) => (await import("./wiring/self-test.ts")).selfTest({ ...options, ...io }),
  configSchema: async () => (await configCommands()).configSchema(io),
  status: async (place, options) => (await look()).status(place, options, io),
  devices: async (place, options) => (await look()).devices(place, options, io),
  device: async (place, mac, options) =>
    (await import("./wiring/one-device.ts")).device(place, mac, options, io),
  retry: async (place, mac, options) =>
    (await import("./wiring/one-device.ts")).retry(place, mac, options, io),
  diagnose: async (place, options) => (await import("./wiring/run-diagnose.ts")).diagnose(place, options, io),
  forget: async (place, mac, options) =>
    (await import("./wiring/one-device.ts")).forget(place, mac, options, io),
  events: async (place, options) => (await import("./wiring/show-events.ts")).events(place, options, io),
  export: async (place, options) =>
    (await import("./wiring/export-devices.ts")).exportDevices(place, options, io),
  plan: async (place, options) => (await import("./wiring/show-plan.ts")).plan(place, options, io),
  schema: async (of) => (await import("./wiring/show-schema.ts")).showSchema(of, io),
  macs: async (place) => (await import("./wiring/look-api.ts")).macs(place, io),
};

/** Whoever reads our output may leave early, as `head` does; output that cannot be written is a failure. */
function watchOutput(): void {
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== "EPIPE") err(`gateway: standard output cannot be written: ${message}\n`);
    process.exit(code === "EPIPE" ? 0 : 1);
  });
  // There is no further place to complain to, and the daemon must go on.
  process.stderr.on("error", () => {});
}

watchOutput();
process.exitCode = await runProgram(process.argv, commands, {
  out,
  err,
  version: packageJson.version,
  defaultConfigPath: defaultConfigPath(existsSync),
});
// Bun waits for helpers that were told not to hold us up; what is written goes first.
if (process.versions.bun !== undefined) process.stdout.write("", () => process.exit());
