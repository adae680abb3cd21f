/** Checks 6 to 12 of the original: do the programs run, and does the API answer? */
import type { Facts } from "./facts.ts";
import {
  advice,
  type Check,
  type Fix,
  mend,
  note,
  ok,
  problem,
  unseen,
  type Verdict,
  warning,
} from "./finding.ts";

const dnsmasqRuns: Check = {
  id: "dnsmasq-runs",
  number: 6,
  area: "service",
  title: "dnsmasq runs",
  looksAt: "the process, whether it is stopped, and UDP port 67.",
  means: "Devices get no address and no names.",
  remedy: "The gateway starts its own dnsmasq again by itself; one that hangs is ended.",
  run(facts) {
    const { config, processes, udpPorts, daemon } = facts;
    const all = processes.filter(({ program }) => program === "dnsmasq");
    const evidence = all.map(({ pid, argv }) => `process ${pid}: ${argv.join(" ").slice(0, 120)}`);
    const stopped = all.filter(({ isStopped }) => isStopped);
    if (stopped.length > 0)
      return hangs(
        facts,
        stopped.map(({ pid }) => pid),
        evidence,
      );
    if (udpPorts.has(67))
      return ok(all.length > 0 ? "dnsmasq runs." : "Another DHCP server runs here.", evidence);
    if (!config.lan.dhcp) return note("lan.dhcp is off, and nobody serves DHCP here.");
    if (daemon.pid === undefined && !daemon.isLocked)
      return unseen("dnsmasq does not run, as the gateway does not, which starts it.");
    return problem(
      "dnsmasq does not serve DHCP on the LAN: devices get no address and no names.",
      evidence,
      advice(
        "service",
        "See the gateway's log for what dnsmasq says; restart the gateway once that is mended.",
      ),
    );
  },
};

function hangs({ config, daemon }: Facts, pids: readonly number[], evidence: readonly string[]): Verdict {
  const isOurs = evidence.some((line) => line.includes(`${config.state.runtime_directory}/dnsmasq.conf`));
  const words = "End it; the gateway starts it again at once.";
  return problem(
    `dnsmasq is stopped (process ${pids.join(", ")}) and answers nobody.`,
    evidence,
    isOurs && daemon.pid !== undefined
      ? mend(
          "service",
          words,
          [{ kind: "end-processes", pids, program: "dnsmasq" }],
          `kill -KILL ${pids.join(" ")}`,
        )
      : advice("service", "Let it go on, or restart it.", `kill -CONT ${pids.join(" ")}`),
  );
}

const serviceInstalled: Check = {
  id: "service-installed",
  number: 7,
  area: "service",
  title: "service installed",
  looksAt: "the systemd unit, or the init script on OpenWrt.",
  means:
    "On OpenWrt: the package is incomplete. Elsewhere the gateway may be run by hand, which is no fault.",
  remedy: "Install the package again.",
  run({ service, uci }) {
    if (service.file) return ok(`${service.file} is there.`);
    if (uci)
      return problem(
        "The init script /etc/init.d/ipv4-ipv6-gateway is missing.",
        [],
        advice("service", "Install the package again."),
      );
    return note("No service is installed: the gateway is run by hand.");
  },
};

const serviceEnabled: Check = {
  id: "service-enabled",
  number: 8,
  area: "service",
  title: "service enabled",
  looksAt: "whether the service starts with the machine.",
  means: "After the next reboot no device works.",
  remedy: "Enable it.",
  run({ service }) {
    if (!service.file)
      return note("No service is installed: after a reboot somebody has to start the gateway.");
    if (service.isEnabled) return ok("The service starts with the machine.");
    return warning(
      "The service does not start with the machine: after a reboot no device works.",
      [`${service.file} is not enabled`],
      mend(
        "service",
        "Enable it.",
        [{ kind: "service", verb: "enable" }],
        serviceCommand(service.manager, "enable"),
      ),
    );
  },
};

const serviceCommand = (manager: Facts["service"]["manager"], verb: "start" | "enable"): string =>
  manager === "systemd" ? `systemctl ${verb} ipv4-ipv6-gateway` : `/etc/init.d/ipv4-ipv6-gateway ${verb}`;

/** Of a program of the gateway's that hangs. */
export function endFix({ daemon }: Facts, program: string, pids: readonly number[]): Fix {
  const command = `kill -KILL ${pids.join(" ")}`;
  if (daemon.pid === undefined)
    return advice("service", "End it and start the gateway, which starts it anew.", command);
  const words = "End it; the gateway starts it anew at once.";
  return mend("service", words, [{ kind: "end-processes", pids, program }], command);
}

/** How the gateway is started here. */
export function startFix({ service, configFile }: Facts): Fix {
  if (service.file)
    return mend(
      "service",
      "Start the service.",
      [{ kind: "service", verb: "start" }],
      serviceCommand(service.manager, "start"),
    );
  return advice("service", "Start the gateway.", `gateway run --config ${configFile.path}`);
}

const daemonRuns: Check = {
  id: "daemon-runs",
  number: 9,
  area: "service",
  title: "gateway runs",
  looksAt: "the pid file, the process it names, and the lock that only a running gateway holds.",
  means: "Leases are not renewed, new devices are not noticed, nothing is repaired.",
  remedy: "Start the service.",
  run(facts) {
    const { daemon } = facts;
    if (daemon.pid !== undefined) return ok(`The gateway runs (pid ${daemon.pid}).`);
    if (daemon.isLocked)
      return warning(
        "A gateway runs in this network namespace, but not with this configuration's runtime directory.",
        ["its lock is held", `${daemon.pidFile.path} names no running gateway`],
        advice("service", "Name that gateway's configuration with --config."),
      );
    return problem(
      "The gateway does not run: leases are not renewed and new devices are not noticed.",
      [
        daemon.pidFile.isThere
          ? `${daemon.pidFile.path} names no process`
          : `there is no ${daemon.pidFile.path}`,
      ],
      startFix(facts),
    );
  },
};

const pidFile: Check = {
  id: "pid-file",
  area: "service",
  title: "nothing stale left behind",
  looksAt: "a pid file without its process.",
  means: "The gateway ended without cleaning up, as in a crash or a power cut.",
  remedy: "Remove the file; the next start replaces it in any case.",
  run({ daemon: { pid, pidFile: file, isLocked } }) {
    if (!file.isThere || pid !== undefined || isLocked) return ok("No stale pid file.");
    return note(
      `${file.path} is left of a gateway that ended without cleaning up.`,
      [],
      mend("service", "Remove it.", [{ kind: "remove-file", path: file.path }], `rm ${file.path}`),
    );
  },
};

/** The daemon's absence is told by its own check. */
function silentBecause({ config, daemon }: Facts): Verdict | undefined {
  if (!config.api.enabled) return ok("The API is switched off (api.enabled).");
  return daemon.pid === undefined
    ? unseen("The API does not answer, as the gateway does not run.")
    : undefined;
}

const apiListens: Check = {
  id: "api-listens",
  number: 10,
  area: "service",
  title: "API port listens",
  looksAt: "who listens on `api.port`.",
  means: "Another program has the port, or the API could not start.",
  remedy: "End the other program, or set `api.port`; the API tries again every few seconds.",
  run(facts) {
    const { config, daemon, listeners } = facts;
    const { port } = config.api;
    const there = listeners.filter((l) => l.port === port);
    const others = there.filter(({ pid }) => pid !== undefined && pid !== daemon.pid);
    const evidence = there.map(
      ({ address, program, pid }) =>
        `${program ?? "a program"} (process ${pid ?? "?"}) on ${address} ${port}`,
    );
    if (config.api.enabled && others.length > 0)
      return problem(
        `TCP port ${port} is taken by ${others[0]?.program ?? "another program"} (process ${others[0]?.pid}), so the API cannot listen there.`,
        evidence,
        advice(
          "service",
          "End that program, or set another api.port; the API tries again every few seconds.",
        ),
      );
    const silent = silentBecause(facts);
    if (silent) return silent;
    return there.length > 0
      ? ok(`TCP port ${port} listens.`, evidence)
      : problem(
          `Nobody listens on TCP port ${port}.`,
          [],
          advice("service", "See the gateway's log for why."),
        );
  },
};

const apiAnswers = (where: "localhost" | "lan", number: number): Check => ({
  id: `api-answers-${where}`,
  number,
  area: "service",
  title: `API answers on ${where === "lan" ? "the LAN address" : "localhost"}`,
  looksAt: `\`GET /health\` on ${where === "lan" ? "the LAN address" : "127.0.0.1"}.`,
  means: "Commands, dashboard and monitoring see nothing.",
  remedy: "See who has the port, and the gateway's log.",
  run(facts) {
    const { config, api } = facts;
    const silent = silentBecause(facts);
    if (silent) return silent;
    if (!config.api.listen.includes(where)) return ok(`api.listen does not name ${where}.`);
    const answer = api[where];
    if (answer === 200) return ok("/health answers.");
    const address = where === "lan" ? config.lan.address.ip : "127.0.0.1";
    return problem(
      `The API does not answer on http://${address}:${config.api.port}/health.`,
      [typeof answer === "number" ? `status ${answer}` : answer],
      advice("service", "See who has the port, and the gateway's log."),
    );
  },
});

export const basicService: readonly Check[] = [
  dnsmasqRuns,
  serviceInstalled,
  serviceEnabled,
  daemonRuns,
  apiListens,
  apiAnswers("localhost", 11),
  apiAnswers("lan", 12),
];
export const service: readonly Check[] = [pidFile];
