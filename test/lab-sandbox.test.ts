import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { waitFor } from "../lab/wait.ts";

const lab = fileURLToPath(new URL("../scripts/lab", import.meta.url));
const run = promisify(execFile);

/** Ids of processes whose command line holds `text`, whatever namespace they are in. */
async function processesWith(text: string): Promise<readonly number[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return ids.filter((_, i) => lines[i]?.includes(text)).map(Number);
}

/** A number of seconds that marks the sleeping programs of one test. */
let marks = 700_000 + (process.pid % 10_000) * 10;
const newMark = (): string => String(marks++);

async function startSleepers(mark: string) {
  const script = `sleep ${mark} & ip netns add inner && ip netns exec inner setsid sleep ${mark} & wait`;
  const outer = spawn(lab, ["sh", "-c", script], { stdio: "ignore" });
  const sleepers = async () => (await processesWith(`sleep\0${mark}`)).length;
  await waitFor("both programs sleep", async () => (await sleepers()) === 2);
  return { outer, sleepers };
}

test("the sandbox passes on the exit code, and has nothing of the host's", async () => {
  expect(spawnSync(lab, ["sh", "-c", "exit 7"]).status).toBe(7);
  const links = await run(lab, ["ip", "-o", "link"]);
  expect(links.stdout.trim().split("\n")).toHaveLength(1);
  expect(links.stdout).toMatch(/^1: lo: .*state UNKNOWN|^1: lo: .*UP/);
  expect((await run(lab, ["ls", "/run/netns"])).stdout).toBe("");
  expect(spawnSync(lab, []).status).toBe(2);
});

test.each(["SIGKILL", "SIGTERM", "SIGHUP"] as const)(
  "%s to the sandbox ends everything in it",
  async (signal) => {
    const { outer, sleepers } = await startSleepers(newMark());
    outer.kill(signal);
    await waitFor("nothing is left", async () => (await sleepers()) === 0);
    expect(existsSync("/run/netns/inner")).toBe(false);
  },
);

test("SIGKILL to the program that made the namespaces ends everything in it", async () => {
  const mark = newMark();
  const { outer, sleepers } = await startSleepers(mark);
  const [unshare] = (await processesWith(mark)).filter((id) => id !== outer.pid);
  process.kill(unshare ?? -1, "SIGKILL");
  await waitFor("nothing is left", async () => (await sleepers()) === 0);
});

test("two sandboxes with the same names run side by side", async () => {
  const script = `ip netns add gw && ip link add eth0 type veth peer name p0 && ip link set p0 netns gw &&
    ip addr add 192.0.2.1/24 dev eth0 && ip link set eth0 up && ip -n gw addr add 192.0.2.2/24 dev p0 && ip -n gw link set p0 up &&
    ping -c 8 -i 0.2 -W 1 192.0.2.2 >/dev/null && ls /run/netns`;
  const [a, b] = await Promise.all([run(lab, ["sh", "-c", script]), run(lab, ["sh", "-c", script])]);
  expect([a.stdout, b.stdout]).toEqual(["gw\n", "gw\n"]);
});

test("a missing program is named with its package; exit code 2", async () => {
  const bin = await mkdtemp(join(tmpdir(), "lab-path-"));
  try {
    for (const name of ["sh", "env", "mount", "mkdir", "unshare", "setpriv", "true"]) {
      await symlink(`/usr/bin/${name}`, join(bin, name));
    }
    const { status, stderr } = spawnSync(process.execPath, [lab, "true"], {
      env: { PATH: bin },
      encoding: "utf8",
    });
    expect(stderr).toContain("program curl is not installed (Debian package: curl)");
    expect(status).toBe(2);
  } finally {
    await rm(bin, { recursive: true });
  }
});

test("without the right to make namespaces it says so; exit code 2", () => {
  const forbid = "cd /proc/sys/user && echo 0 > max_user_namespaces && echo 0 > max_net_namespaces";
  const { status, stderr } = spawnSync(
    "unshare",
    ["--user", "--map-root-user", "sh", "-c", `${forbid} && exec "$0" true`, lab],
    { encoding: "utf8" },
  );
  expect(stderr).toMatch(/does not let it make namespaces/);
  expect(stderr).toMatch(/unshare --user .*: unshare: .*(No space left|Operation not permitted)/);
  expect(status).toBe(2);
});
