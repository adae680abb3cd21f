/** The machine: programs, kernel parts, clock, files, descriptors. */
import { clockChecks } from "./clock.ts";
import { type Facts, isUnseen } from "./facts.ts";
import { advice, type Check, mend, ok, problem, unseen, type Verdict, warning } from "./finding.ts";
import { isFull } from "./host-disk.ts";

const tools: Check = {
  id: "programs",
  area: "host",
  title: "programs and kernel parts",
  looksAt: "`ip` with JSON and batches, `nft` with JSON, dnsmasq, and macvlan in the kernel.",
  means: "The gateway cannot start, or cannot start again.",
  remedy: "Install the package that the sentence names.",
  run: ({ missing }) =>
    missing.tools.length === 0
      ? ok("All programs and kernel parts are there.")
      : missing.tools.map((sentence) =>
          problem(`${capital(sentence)}.`, [], advice("service", "Install it, then restart the gateway.")),
        ),
};

const proxyParts: Check = {
  id: "proxy-parts",
  area: "host",
  title: "what the IPv6 proxy needs",
  looksAt: "nftables' tproxy and socket in the kernel, and HAProxy or socat.",
  means: "IPv6 clients cannot reach the devices.",
  remedy: "Install the kernel modules, or HAProxy.",
  run: ({ missing, isRoot }) => {
    if (missing.proxy === undefined) return ok("tproxy, socket and a proxy program are there.");
    if (!isRoot) return unseen("Only root can ask the kernel for nftables' tproxy.");
    return warning(
      `${capital(missing.proxy)}.`,
      [],
      advice("service", "Install it, then restart the gateway."),
    );
  },
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const descriptors: Check = {
  id: "descriptors",
  area: "host",
  title: "room for open files",
  looksAt: "the gateway's open file descriptors against its limit.",
  means: "It can soon open no socket and no file any more.",
  remedy: "Restart the gateway, and raise `LimitNOFILE`.",
  run({ daemon: { descriptors: use } }) {
    if (use === undefined) return unseen("The gateway does not run.");
    if (isUnseen(use)) return unseen(use.unseen);
    const evidence = [`${use.open} of ${use.limit}`];
    const part = use.open / use.limit;
    if (part < 0.8) return ok(`${use.open} of ${use.limit} file descriptors are open.`);
    const text = `The gateway has ${use.open} of ${use.limit} file descriptors open.`;
    const fix = advice("service", "Restart the gateway, and raise its limit of open files.");
    return part < 0.95 ? warning(text, evidence, fix) : problem(text, evidence, fix);
  },
};

const disk: Check = {
  id: "disk",
  area: "host",
  title: "room and right to write",
  looksAt:
    "free space of the state, runtime and log directories, whether their file systems are read-only, and the right to write there.",
  means:
    "New leases and devices are forgotten at the next restart; a read-only runtime directory lets no gateway start.",
  remedy: "Free some space, or mount it writable.",
  run({ disks, isRoot }) {
    const bad = disks.flatMap(({ path, what, free, isReadOnly, isWritable }): readonly Verdict[] => {
      if (isReadOnly)
        return [
          problem(
            `${path} (${what}) is on a read-only file system.`,
            [],
            advice(
              "service",
              "Mount it writable; see the kernel's log for errors of the disk.",
              `mount -o remount,rw ${path}`,
              "dmesg",
            ),
          ),
        ];
      if (!isWritable && isRoot)
        return [
          problem(`${path} (${what}) cannot be written.`, [], advice("service", "See its owner and mode.")),
        ];
      if (isFull({ free }))
        return [
          problem(
            `The disk is full: ${path} (${what}) has ${Math.floor(free / 1024)} KB left.`,
            [],
            advice("service", "Free some space there.", `df ${path}`),
          ),
        ];
      return [];
    });
    return bad.length > 0 ? bad : ok("State, runtime and log directories can be written and have room.");
  },
};

const stateFile: Check = {
  id: "state-file",
  area: "host",
  title: "the state file is whole",
  looksAt: "devices.json, and its backups where it is damaged.",
  means: "Devices have to be found anew, and ask for other addresses.",
  remedy:
    "The newest good backup takes its place at the next start; `--fix-service` does that at once when no gateway runs.",
  run({ state, daemon }: Facts) {
    if (state.hidden) return unseen(state.hidden);
    if (state.damage === undefined)
      return ok(state.writtenAt === undefined ? "There is no state file yet." : `${state.path} is whole.`);
    const evidence = [
      state.damage,
      state.goodBackup ? `${state.goodBackup} is good` : "none of its backups is good",
    ];
    const text = `${state.path} is damaged.`;
    if (daemon.pid !== undefined || daemon.isLocked)
      return problem(text, evidence, advice("service", "The running gateway writes it anew within minutes."));
    return problem(
      text,
      evidence,
      mend(
        "service",
        state.goodBackup
          ? "Set it aside, and let the newest good backup take its place."
          : "Set it aside; the devices are found anew.",
        [{ kind: "restore-state", path: state.path }],
      ),
    );
  },
};

export const hostChecks: readonly Check[] = [tools, proxyParts, ...clockChecks, descriptors, disk, stateFile];
