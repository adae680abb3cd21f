// Enters the sandbox and runs the demonstration; or enters the sandbox of one that runs.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "../lab/sandbox/launch.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const note = join(tmpdir(), "gateway-demo.pid");

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

async function show(args) {
  const code = await launch([process.execPath, join(root, "dist/lab.js"), "demo", ...args], {
    onStart: (child) => writeFileSync(note, `${child.pid}\n`),
  });
  rmSync(note, { force: true });
  return code;
}

const args = process.argv.slice(2);
process.exit(args[0] === "try" ? tryInside(args.slice(1)) : await show(args));
