// What is installed, as directory trees.
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { npmPart } from "./npm-parts.mjs";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const at = (...parts) => join(root, ...parts);

export const { version, license, description } = JSON.parse(readFileSync(at("package.json"), "utf8"));
/** The command and the original's names for parts of it; links to the starter beside the bundle. */
export const commands = [
  "gateway",
  "gateway-status",
  "gateway-devices",
  "gateway-status-direct",
  "gateway-devices-direct",
  "gateway-port-forward",
  "gateway-diagnose",
  "setup-ipv6-port-forwarding",
];
export const programDirectory = "usr/lib/ipv4-ipv6-gateway";

/** Of dist: all but the test programs and the source maps, which are twice as large as the rest. */
const isShipped = (name) => !/^(bench|test|lab)\b/.test(name) && !name.endsWith(".map");
/** koffi without sources and documentation. */
const koffiParts = [
  "package.json",
  "LICENSE.txt",
  "index.cjs",
  "src/koffi/index.cjs",
  "src/koffi/src/static.cjs",
];

export function put(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, dereference: true, filter: (path) => !path.endsWith(".map") });
}

/**
 * The program: bundle, starter, native part for each machine of `archs` (x64, arm64; both C libraries), and a runtime:
 * `none`, `node` or `bun-musl`.
 */
export function stageProgram(to, { archs, runtime = "none" }) {
  if (!existsSync(at("dist/gateway.js"))) throw new Error("dist/gateway.js is missing: npm run build");
  for (const name of readdirSync(at("dist")).filter(isShipped)) put(at("dist", name), join(to, name));
  put(at("deploy/gateway"), join(to, "gateway"));
  // The bundle is made of ES modules, and Node.js looks here to know.
  put(at("scripts/packaging/program-package.json"), join(to, "package.json"));
  for (const part of koffiParts.filter((p) => existsSync(at("node_modules/koffi", p))))
    put(at("node_modules/koffi", part), join(to, "node_modules/koffi", part));
  for (const arch of archs) {
    const name = `@koromix/koffi-linux-${arch}`;
    put(npmPart(name), join(to, "node_modules", name));
  }
  put(at("deploy/service"), join(to, "service"));
  if (runtime !== "none") stageRuntime(to, archs, runtime);
  writeSums(to);
}

/** SHA256SUMS of all files, for sha256sum -c. */
function writeSums(directory) {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
  const sum = (name) =>
    createHash("sha256")
      .update(readFileSync(join(directory, name)))
      .digest("hex");
  writeFileSync(join(directory, "SHA256SUMS"), names.map((name) => `${sum(name)}  ${name}\n`).join(""));
}

/** npm's package with a runtime, and the program in it. */
export const runtimePart = (runtime, arch) =>
  runtime === "node"
    ? { name: `node-linux-${arch}`, program: "node" }
    : { name: `@oven/bun-linux-${arch === "arm64" ? "aarch64" : arch}-musl`, program: "bun" };

function stageRuntime(to, [arch], runtime) {
  const { name, program } = runtimePart(runtime, arch);
  put(join(npmPart(name), "bin", program), join(to, "runtime", program));
  chmodSync(join(to, "runtime", program), 0o755);
}

/** The commands in usr/bin of a root. */
export function linkCommands(rootDirectory) {
  const bin = join(rootDirectory, "usr/bin");
  mkdirSync(bin, { recursive: true });
  for (const name of commands) symlinkSync("../lib/ipv4-ipv6-gateway/gateway", join(bin, name));
}

/** The same modes and times for everybody, whatever umask and clock. */
export function settle(directory, epoch) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) settle(path, epoch);
    else {
      const isProgram =
        readFileSync(path).subarray(0, 2).toString("latin1") === "#!" || path.includes("/runtime/");
      chmodSync(path, isProgram ? 0o755 : 0o644);
      utimesSync(path, epoch, epoch);
    }
  }
  chmodSync(directory, 0o755);
  utimesSync(directory, epoch, epoch);
}
