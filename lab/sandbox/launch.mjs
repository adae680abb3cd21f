// Enters the laboratory's sandbox: namespaces of its own for users, network, mounts and processes.
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { makeNeighbourRoom } from "./neighbour-room.mjs";

const inside = fileURLToPath(new URL("inside.sh", import.meta.url));
const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const withUsers = ["--user", "--map-root-user", ...namespaces];

/** The arguments of unshare that work here, or why none do. Root needs no user namespace where the kernel forbids them, and may ask for none. */
function workingArguments() {
  const reasons = [];
  const isRoot = process.getuid?.() === 0;
  const users = process.env.LAB_USER_NAMESPACE === "no" && isRoot ? [] : [withUsers];
  for (const args of isRoot ? [...users, namespaces] : users) {
    const probe = spawnSync("unshare", [...args, "true"], { encoding: "utf8" });
    if (probe.status === 0) return { args };
    reasons.push(
      probe.error?.code === "ENOENT"
        ? "the program unshare is not installed (Debian package: util-linux)"
        : `unshare ${args.join(" ")}: ${probe.stderr.trim()}`,
    );
  }
  return { reasons };
}

function explain(reasons) {
  console.error("The laboratory cannot start here: the system does not let it make namespaces of its own.");
  for (const reason of reasons) console.error(`  ${reason}`);
  console.error(
    "Run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces > 0,\n" +
      "kernel.apparmor_restrict_unprivileged_userns=0); in a container, start it with the capability SYS_ADMIN.",
  );
}

/**
 * Runs `command` (argv) as the sandbox's first program and resolves with its exit code; 2 when the system lacks something.
 * When this process dies, by whatever signal, the sandbox and all in it die too.
 */
export async function launch(command, options = {}) {
  const { args, reasons } = workingArguments();
  if (args === undefined) {
    explain(reasons);
    return 2;
  }
  const restore = makeNeighbourRoom();
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "unshare", ...args, "sh", inside, ...command], {
    stdio: options.stdio ?? "inherit",
    env: { ...process.env, ...options.env },
  });
  options.onStart?.(child);
  // The terminal sends SIGINT to the whole group; the program inside decides. unshare itself ignores SIGTERM.
  const wait = () => {};
  const end = () => child.kill("SIGKILL");
  process.on("SIGINT", wait);
  process.on("SIGTERM", end);
  process.on("SIGHUP", end);
  const code = await new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(`The laboratory cannot start: ${error.message} (Debian package: util-linux)`);
      resolve(2);
    });
    child.once("close", (status, signal) =>
      resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
  restore();
  process.off("SIGINT", wait);
  process.off("SIGTERM", end);
  process.off("SIGHUP", end);
  return code;
}
