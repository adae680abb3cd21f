/** systemd as the first process of a root: units, their namespaces, capabilities and cgroups are the real ones. */
import { chmod, mkdir, readFile, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Running } from "./exec.ts";
import type { Root } from "./root.ts";
import { waitFor } from "./wait.ts";

/** Of this machine's units: what a system needs to be up, and the journal. */
const units = [
  ..."basic multi-user network-pre network paths shutdown slices sockets sysinit timers umount".split(" "),
].map((name) => `${name}.target`);
const journal = ["systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket"];

/** The cgroup that a root's units are below; it is the root of the tree that they see. */
const cgroupOf = (root: Root): string => basename(dirname(root.directory));

/** In cgroup and mount namespaces of its own; $0: the cgroup, $1: the root. */
const boot = `
mount -t cgroup2 none /mnt || exit 125
mkdir -p "/mnt/$0" && echo $$ >"/mnt/$0/cgroup.procs" || exit 125
umount /mnt
exec unshare --cgroup --mount --pid --fork --kill-child --uts --ipc sh -c "$2" "$1"`;

/** $0: the root. */
const start = `
cd "$0" && mount --bind . . && cd "$0" || exit 125
if [ -d host ]; then mount --rbind /usr host/usr && mount -o remount,bind,ro host/usr || exit 125; fi
mount -t proc none proc && mount -t sysfs none sys && mount -t cgroup2 none sys/fs/cgroup || exit 125
mount -t tmpfs none run && mount -t tmpfs none dev || exit 125
mkdir dev/shm dev/pts
ln -s /proc/self/fd dev/fd
for name in null zero full random urandom tty net/tun; do
  mkdir -p "$(dirname "dev/$name")" && touch "dev/$name" && mount --bind "/dev/$name" "dev/$name"
done
touch dev/console && mount --bind /dev/null dev/console
mkdir run/outside && pivot_root . run/outside && PATH=$PATH:/host/usr/bin && umount -l /run/outside && rmdir /run/outside || exit 125
exec env -i container=lab PATH=/usr/bin /usr/lib/systemd/systemd --unit=multi-user.target`;

const tidy = `mount -t cgroup2 none /mnt && find "/mnt/$0" -depth -type d -exec rmdir {} +`;

const inCgroups = (script: string, ...args: readonly string[]): readonly string[] => [
  "unshare",
  "--cgroup",
  "--mount",
  "sh",
  "-c",
  script,
  ...args,
];

/** Gives the root systemd if it has none, and starts it there; what the root runs from then on is below it. Ends with `halt`. */
export async function bootSystemd(root: Root): Promise<{ halt(): Promise<void> }> {
  if (!(await root.exists("usr/lib/systemd/systemd"))) await furnish(root);
  const running = root.namespace.start(inCgroups(boot, cgroupOf(root), root.directory, start));
  const explain = (): string => running.lines.slice(-20).join("\n");
  root.joins(await waitFor("systemd has started", () => firstProcess(running), { explain }));
  await waitFor(
    "systemd is up",
    async () => (await root.run(["systemctl", "is-system-running"])).stdout.trim() === "running",
    { explain: async () => (await root.run(["systemctl", "--failed", "--no-pager"])).stdout },
  );
  return {
    async halt() {
      await running.stop("SIGKILL");
      await waitFor("the cgroups are gone", async () => {
        const { code } = await root.namespace.run(inCgroups(tidy, cgroupOf(root)), { mayFail: true });
        return code === 0;
      });
    },
  };
}

/** The process id of systemd, once the shell before it has made its namespaces. */
async function firstProcess({ pid }: Running): Promise<number | undefined> {
  const [child = ""] = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ");
  return (await readFile(`/proc/${child}/comm`, "utf8")).trim() === "systemd" ? Number(child) : undefined;
}

async function furnish(root: Root): Promise<void> {
  const link = (name: string): Promise<void> =>
    symlink(`/host/usr/lib/systemd/${name}`, join(root.directory, "usr/lib/systemd", name));
  await root.write("etc/machine-id", `${"0123456789abcdef".repeat(2)}\n`);
  await root.write("usr/lib/systemd/system/sysinit.target.wants/.keep", "");
  await root.write("etc/systemd/system/.keep", "");
  await mkdir(join(root.directory, "var/tmp"), { recursive: true });
  await chmod(join(root.directory, "var/tmp"), 0o1777);
  for (const name of ["systemd", "systemd-journald"]) await link(name);
  for (const name of [...units, ...journal]) await link(`system/${name}`);
  for (const name of journal)
    await symlink(`../${name}`, join(root.directory, "usr/lib/systemd/system/sysinit.target.wants", name));
  for (const name of ["systemctl", "journalctl"]) await root.program(name);
}
