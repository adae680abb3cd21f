/** The composition root: builds the adapters, hands them to the gateway and to the commands, and knows everything. */
import { existsSync } from "node:fs";
import packageJson from "../package.json" with { type: "json" };
import { forwardsFile } from "./app/forwards/manual-forwards.ts";
import { Gateway } from "./app/gateway.ts";
import { dnsmasqMarker } from "./app/lan/lan-service.ts";
import { HaproxyProxy } from "./app/proxy/haproxy.ts";
import { Proxies, proxyMarkers } from "./app/proxy/proxies.ts";
import { SocatBackend } from "./app/proxy/socat.ts";
import { type CleanupReport, cleanup } from "./app/reconcile/cleanup.ts";
import { removeArpLimit } from "./app/uplink/arp-limit.ts";
import { removeBroadcastFilter } from "./app/uplink/broadcast-filter.ts";
import type { Interface4 } from "./base/cidr4.ts";
import { GatewayError, messageOf } from "./base/errors.ts";
import { formatWall } from "./base/time.ts";
import {
  type ConfigPlace,
  configCheck,
  configSchema,
  configShow,
  defaultConfigPath,
} from "./cli/config-commands.ts";
import { renderDevices, renderDevicesJson, renderStatus, renderStatusJson } from "./cli/direct.ts";
import { directDevices, directProblems, directStatus } from "./cli/direct-view.ts";
import { forwardAdd, forwardList, forwardQuick, forwardRemove } from "./cli/port-forward.ts";
import { type Commands, runProgram } from "./cli/program.ts";
import { wantsColor } from "./cli/text.ts";
import type { ForwardStore } from "./config/forwards-edit.ts";
import { type Holders, type ManualForward, nameOf } from "./config/forwards-file.ts";
import type { Config } from "./config/schema.ts";
import { directFacts, findDaemon, load, pidFile, readText, stateFile } from "./direct-facts.ts";
import { systemClock } from "./io/clock.ts";
import { systemDial } from "./io/dial.ts";
import { openDurableText } from "./io/durable-text.ts";
import { systemFiles } from "./io/files.ts";
import { systemKernel } from "./io/kernel/kernel.ts";
import { checkTools, missingForProxy } from "./io/kernel/tools.ts";
import { acquireLock } from "./io/lock.ts";
import { openLog } from "./io/log.ts";
import { openPacketLinks } from "./io/packet/links.ts";
import { runPacketReaderIfWorker } from "./io/packet/reader-thread.ts";
import { systemProcesses } from "./io/processes.ts";
import { systemRng } from "./io/rng.ts";
import { prepareRuntimeDirectory, putPidFile } from "./io/runtime-directory.ts";
import { systemRuntimeSockets } from "./io/runtime-socket.ts";
import { saveMemory } from "./io/thrift.ts";
import type { Log } from "./ports/log.ts";

const out = (text: string): void => void process.stdout.write(text);
const err = (text: string): void => void process.stderr.write(text);

/** Resolves with the first signal that asks for an end. */
const untilSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve(signal));
  });

async function run(place: ConfigPlace): Promise<0> {
  saveMemory();
  const config = await load(place);
  const missing = await checkTools(systemProcesses, { dnsmasq: config.lan.dhcp });
  if (missing.length > 0) throw new GatewayError("tools-missing", "operator", missing.join("\n         "));
  await prepareRuntimeDirectory(config.state.runtime_directory);
  const release = await acquireLock();
  const log = openLog(config.log);
  const links = openPacketLinks({ onError: (ifname, e) => log.error(e.message, { interface: ifname }) });
  const proxies = await openProxies(config, log);
  const gateway = new Gateway({
    config,
    dial: systemDial,
    ...(proxies ? { proxies } : {}),
    clock: systemClock,
    rng: systemRng,
    log,
    kernel: systemKernel,
    links,
    processes: systemProcesses,
    files: systemFiles,
    stateFile: openDurableText(stateFile(config)),
  });
  const ended = untilSignal();
  let api: { stop(): Promise<void> } | undefined;
  try {
    await gateway.start();
    api = config.api.enabled ? await openApi(config, gateway, log) : undefined;
    await putPidFile(pidFile(config), `${process.pid} ${formatWall(systemClock.wall())}\n`, log);
    log.info(`Gateway stops (${await ended}); identities and leases stay, "gateway cleanup" removes them`);
  } finally {
    await api?.stop();
    await gateway.stop();
    await putPidFile(pidFile(config), undefined, log);
    await release();
  }
  return 0;
}

/** Loaded by the daemon alone: the other commands are to start quickly. Devices are served whether or not anybody can look. */
async function openApi(
  config: Config,
  gateway: Gateway,
  log: Log,
): Promise<{ stop(): Promise<void> } | undefined> {
  const withForwards = <T>(task: (store: ForwardStore) => Promise<T>) => lockForwards(config, task);
  try {
    const { serveApi } = await import("./serve-api.ts");
    return await serveApi({ config, gateway, log, version: packageJson.version, withForwards });
  } catch (thrown) {
    log.error(`The API cannot start: ${messageOf(thrown)}`);
    return undefined;
  }
}

/** Nothing when the kernel cannot lead connections to a proxy. */
async function openProxies(config: Config, log: Log): Promise<Proxies | undefined> {
  const missing = await missingForProxy();
  if (missing) {
    log.warn(missing);
    return undefined;
  }
  const { proxy, state, discovery } = config;
  const parts = { processes: systemProcesses, log, runtimeDirectory: state.runtime_directory };
  const proxies = new Proxies({
    ...parts,
    wanted: proxy.backend,
    backends: {
      haproxy: () =>
        new HaproxyProxy({
          ...parts,
          sockets: systemRuntimeSockets,
          files: systemFiles,
          clock: systemClock,
          maxDevices: discovery.max_devices,
          logConnections: config.log.level === "debug",
        }),
      socat: () => new SocatBackend({ ...parts, limit: proxy.socat_limit }),
    },
  });
  await proxies.choose();
  return proxies;
}

const renderOptions = () => ({
  now: systemClock.wall(),
  width: process.stdout.columns ?? 80,
  color: wantsColor(process.stdout.isTTY === true, process.env),
});

async function removeAll(place: ConfigPlace): Promise<0 | 1> {
  const config = await load(place);
  const daemon = await findDaemon(config);
  if (daemon) {
    const why = `the gateway runs (pid ${daemon.pid}) and would put everything back`;
    throw new GatewayError("still-running", "operator", why, "stop it first");
  }
  const { runtime_directory } = config.state;
  const markers = [dnsmasqMarker(runtime_directory), ...Object.values(proxyMarkers(runtime_directory))];
  const children = (await Promise.all(markers.map((marker) => systemProcesses.find(marker)))).flat();
  await systemProcesses.end(children);
  await removeArpLimit(systemKernel);
  await removeBroadcastFilter(systemKernel);
  const report = await cleanup(systemKernel);
  out(describeCleanup(report, children.length));
  for (const { message } of report.failures) err(`gateway: ${message}\n`);
  return report.failures.length === 0 ? 0 : 1;
}

function describeCleanup({ removed, settingsRestored }: CleanupReport, children: number): string {
  const names: Readonly<Record<string, string>> = {
    identity: "identities",
    address: "addresses",
    route: "routes",
    rule: "rules",
    neighbour: "neighbour entries",
    ruleset: "nftables table",
    element: "map and set elements",
  };
  const lines = Object.entries(removed).map(([kind, count]) => `removed ${count} ${names[kind] ?? kind}`);
  if (children > 0) lines.push(`ended ${children} child ${children === 1 ? "process" : "processes"}`);
  lines.push(...settingsRestored.map((setting) => `restored ${setting}`));
  return `${lines.length === 0 ? "Nothing of the gateway is in the kernel." : lines.join("\n")}\n`;
}

/** Runs a command about the manual forwards. */
async function withForwards(
  place: ConfigPlace,
  task: (config: Config, store: ForwardStore) => Promise<void>,
): Promise<0> {
  const config = await load(place);
  await lockForwards(config, (store) => task(config, store));
  return 0;
}

/** One task at a time on this machine. */
async function lockForwards<T>(config: Config, task: (store: ForwardStore) => Promise<T>): Promise<T> {
  const path = forwardsFile(config.state.directory);
  const release = await acquireLock("\0ipv4-ipv6-gateway-forwards", 5_000).catch((thrown: unknown) => {
    if (!(thrown instanceof GatewayError)) throw thrown;
    throw new GatewayError("forwards-busy", "operator", "others change the forwards just now: try again");
  });
  try {
    return await task({
      load: () => readText(path),
      save: (text) => openDurableText(path).save(text),
      listening: (forwards, lan) => holdersOf(forwards, lan),
    });
  } finally {
    await release();
  }
}

/** Programs that listen on all addresses or the gateway's own one; our proxy is not in the way. */
async function holdersOf(forwards: readonly ManualForward[], lan: Interface4): Promise<Holders> {
  const ports = new Set(forwards.filter((f) => f.protocol === "tcp").map((f) => f.port));
  const there = await systemProcesses.listeners(ports);
  const open = there.filter(({ address }) => ["0.0.0.0", "::", lan.ip].includes(address));
  return new Map(
    open.map(({ port, program = "a program" }) => [
      nameOf({ protocol: "tcp", port }),
      `${program}, which listens there on this machine`,
    ]),
  );
}

const commands: Commands = {
  run,
  forwardAdd: (place, args) =>
    withForwards(place, (config, store) => forwardAdd(config, store, args, { out })),
  forwardRemove: (place, args) => withForwards(place, (_, store) => forwardRemove(store, args, { out })),
  forwardList: (place, { json }) =>
    withForwards(place, (_, store) => forwardList(store, { json, ...renderOptions() }, { out })),
  forwardQuick: (place, ip) =>
    withForwards(place, (config, store) => forwardQuick(config, store, ip, { out })),
  cleanup: removeAll,
  async diagnose(place, options) {
    const { diagnose } = await import("./run-diagnose.ts");
    const progress = process.stderr.isTTY ? (line: string) => err(`${line}\n`) : undefined;
    return diagnose(place, options, { out, progress, render: renderOptions() });
  },
  configCheck: (place) => configCheck(place, readText, { out, err }),
  configShow: (place) => configShow(place, readText, { out, err }),
  configSchema: async () => configSchema({ out, err }),
  async statusDirect(place, { json }) {
    const view = directStatus(await directFacts(place));
    out(json ? renderStatusJson(view) : renderStatus(view, renderOptions()));
    return 0;
  },
  async devicesDirect(place, { json, status }) {
    const facts = await directFacts(place);
    const rows = directDevices(facts).filter((r) => !status || r.status === status);
    out(json ? renderDevicesJson(rows) : renderDevices(rows, renderOptions(), directProblems(facts)));
    return 0;
  },
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

if (!runPacketReaderIfWorker()) {
  watchOutput();
  process.exitCode = await runProgram(process.argv, commands, {
    out,
    err,
    version: packageJson.version,
    defaultConfigPath: defaultConfigPath(existsSync),
  });
}
