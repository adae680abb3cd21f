// jool-siit.mjs ARGS…: stands in for jool_siit where no kernel module can be loaded. It takes and answers what the gateway uses of it as the real one does, and a tayga in the
// same network namespace does the module's work. State, and all that was typed, are in the directory that JOOL_STAND_IN names, an instance for each network namespace.
import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const directory = process.env.JOOL_STAND_IN ?? "/run/lab/jool";
mkdirSync(directory, { recursive: true });
appendFileSync(join(directory, "typed.txt"), `${process.argv.slice(2).join(" ")}\n`);
const place = readlinkSync("/proc/self/ns/net").replace(/\D/g, "");
const file = join(directory, `${place}.json`);
const fail = (text) => {
  process.stderr.write(`Error: ${text}\n`);
  process.exit(1);
};

function load() {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

const ip = (...args) => spawnSync("ip", args, { stdio: "ignore" });

/** What comes in by the cable goes through tayga, and out by the cable again. */
function work(instance) {
  if (instance.pid) stop(instance);
  const config = join(directory, `${place}.conf`);
  const maps = instance.eams.map(([ip4, ip6]) => `map ${ip4} ${ip6}\n`).join("");
  const own = "tun-device module\nipv4-addr 192.0.0.3\nipv6-addr fd00:64::3\n";
  writeFileSync(config, `${own}prefix ${instance.pool6}\n${maps}`);
  ip("tuntap", "add", "dev", "module", "mode", "tun");
  ip("link", "set", "dev", "module", "up");
  for (const family of ["-4", "-6"]) {
    ip(family, "route", "replace", "default", "dev", "module", "table", "100");
    ip(family, "rule", "delete", "iif", "xlat464p", "lookup", "100");
    ip(family, "rule", "add", "iif", "xlat464p", "lookup", "100");
  }
  const out = openSync(join(directory, `${place}.log`), "a");
  const child = spawn("tayga", ["-d", `--config=${config}`], { detached: true, stdio: ["ignore", out, out] });
  child.unref();
  instance.pid = child.pid;
}

function stop({ pid }) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {}
}

const args = process.argv.slice(2);
const named = args[0] === "--instance" || args[0] === "-i" ? args.splice(0, 2)[1] : undefined;
const [mode, verb, ...rest] = args;
const instance = load();
if (mode === "instance") {
  if (verb === "display") process.stdout.write(instance ? `${place},${instance.name},netfilter\n` : "");
  else if (verb === "add") {
    if (instance) fail("This namespace already has a Jool instance named so.");
    if (rest[1] !== "--netfilter" || rest[2] !== "--pool6") fail("unknown arguments");
    writeFileSync(file, JSON.stringify({ name: rest[0], pool6: rest[3], eams: [] }));
  } else if (verb === "remove") {
    if (instance?.name !== rest[0]) fail("The requested instance does not exist.");
    stop(instance);
    rmSync(file);
  } else fail("unknown verb");
} else {
  if (instance === undefined || instance.name !== named)
    fail(`This namespace lacks an instance named '${named}'.`);
  if (mode === "global" && verb === "display")
    process.stdout.write(`manually-enabled,true\npool6,${instance.pool6}\n`);
  else if (mode === "eamt" && verb === "display")
    process.stdout.write(instance.eams.map(([ip4, ip6]) => `${ip6},${ip4}\n`).join(""));
  else if (mode === "eamt" && (verb === "add" || verb === "remove")) {
    const others = instance.eams.filter(([ip4, ip6]) => ip4 !== rest[0] || ip6 !== rest[1]);
    instance.eams = verb === "add" ? [...others, rest] : others;
    work(instance);
    writeFileSync(file, JSON.stringify(instance));
  } else fail("unknown arguments");
}
