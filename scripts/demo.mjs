// Reads the command line, prepares the machine, enters the sandbox and runs the demonstration; or enters the sandbox of one that runs.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launch } from "../lab/sandbox/launch.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const note = join(tmpdir(), "gateway-demo.pid");

/** As in lab/demo/networks.ts. */
const networks = ["dual", "ipv4", "ipv6", "ipv6-only"];
const usage = `usage: scripts/demo [--network dual|ipv4|ipv6|ipv6-only] [--once]
       scripts/demo try gateway ARGS…       in another terminal, while one runs
       scripts/demo try in HOST CMD ARGS…

  --network  what the network has: dual (the default), ipv4, ipv6 (no NAT64), or
             ipv6-only with a NAT64: IPv4-only devices reach an IPv4-only host
  --once     end after the proof instead of staying
  --help     this text

Exit codes: 0 all of it is proved, 1 something is not, 2 wrong usage or the
machine lacks something`;

/** `{ network, once }`, `{ help: true }`, or `{ error }`: one sentence that names what is allowed. */
function readArguments(args) {
  const options = {
    network: { type: "string", default: "dual" },
    once: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  };
  try {
    const { values } = parseArgs({ args, options });
    if (!values.help && !networks.includes(values.network))
      return { error: `--network ${values.network}: allowed are ${networks.join(", ")}` };
    return values;
  } catch (error) {
    return { error: `${error.message.split(". ")[0]}; allowed are --network, --once and --help` };
  }
}

/** The first process inside: the sandbox's pid 1, child of unshare. */
function firstInside(pid) {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return child;
}

function tryInside([what, ...args]) {
  let pid;
  try {
    pid = firstInside(readFileSync(note, "utf8").trim());
  } catch {
    console.error("no demonstration runs; start scripts/demo in another terminal");
    return 2;
  }
  const commands = {
    gateway: [
      "gw",
      process.execPath,
      join(root, "dist/gateway.js"),
      "--config",
      "/run/lab/gateway.toml",
      ...args,
    ],
    in: args,
  };
  if (!commands[what] || (what === "in" && args.length < 2)) {
    console.error("usage: scripts/demo try gateway ARGS… | scripts/demo try in HOST CMD ARGS…");
    return 2;
  }
  const enter = ["--target", pid, "--user", "--preserve-credentials", "--net", "--mount", "--pid"];
  const { status } = spawnSync("nsenter", [...enter, "ip", "netns", "exec", ...commands[what]], {
    stdio: "inherit",
  });
  return status ?? 1;
}

async function show({ network, once }) {
  const prepared = spawnSync(join(root, "scripts/prepare"), { stdio: "inherit" });
  if (prepared.status !== 0) return prepared.status ?? 1;
  const argv = [process.execPath, join(root, "dist/lab.js"), "demo", network, ...(once ? ["--once"] : [])];
  const code = await launch(argv, {
    onStart: (child) => writeFileSync(note, `${child.pid}\n`),
  });
  rmSync(note, { force: true });
  return code;
}

async function main(args) {
  if (args[0] === "try") return tryInside(args.slice(1));
  const asked = readArguments(args);
  if (asked.error) {
    console.error(`scripts/demo: ${asked.error}`);
    return 2;
  }
  if (!asked.help) return show(asked);
  console.log(usage);
  return 0;
}

process.exit(await main(process.argv.slice(2)));
