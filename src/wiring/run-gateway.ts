/** `gateway run`: builds the adapters, hands them to the gateway and serves it until a signal. Part of the composition root. */
import { existsSync } from "node:fs";
import packageJson from "../../package.json" with { type: "json" };
import { Gateway } from "../app/gateway.ts";
import { HaproxyProxy } from "../app/proxy/haproxy.ts";
import { Proxies } from "../app/proxy/proxies.ts";
import { SocatBackend } from "../app/proxy/socat.ts";
import { GatewayError, messageOf } from "../base/errors.ts";
import { logAreas } from "../base/log-areas.ts";
import { formatWall } from "../base/time.ts";
import { loadConfig } from "../cli/config-load.ts";
import type { ConfigPlace } from "../cli/config-place.ts";
import type { ForwardStore } from "../config/forwards-edit.ts";
import type { InboundStore } from "../config/inbound-edit.ts";
import { changesLevelsAlone } from "../config/live-change.ts";
import type { Config } from "../config/schema.ts";
import { systemClock } from "../io/clock.ts";
import { systemDial } from "../io/dial.ts";
import { openDurableText } from "../io/durable-text.ts";
import { systemFiles } from "../io/files.ts";
import { systemKernel } from "../io/kernel/kernel.ts";
import { checkTools, missingForProxy } from "../io/kernel/tools.ts";
import { compileLate } from "../io/late-compiler.ts";
import { acquireLock } from "../io/lock.ts";
import { type OpenLog, openLog } from "../io/log.ts";
import { systemNameLookup } from "../io/name-lookup.ts";
import { openPacketLinks } from "../io/packet/links.ts";
import { systemProcesses } from "../io/processes.ts";
import { systemRng } from "../io/rng.ts";
import { prepareRuntimeDirectory, putPidFile } from "../io/runtime-directory.ts";
import { systemRuntimeSockets } from "../io/runtime-socket.ts";
import { findServiceManager, type ServiceManager } from "../io/service-manager.ts";
import { catchSignals, type Signals } from "../io/signals.ts";
import { saveMemory } from "../io/thrift.ts";
import type { Log } from "../ports/log.ts";
import { load, pidFile, readText, stateFile } from "./files-of.ts";
import { lockForwards, lockInbound } from "./forward-store.ts";
import type { Hooks } from "./run-hooks.ts";

const { version } = packageJson;

/**
 * OpenWrt's dnsmasq is told to look there (deploy/openwrt, openwrt-network). It starts long before us, and ends at once when the directory of that
 * file is missing: this one is made by the boot itself, and its service mounts it into dnsmasq's jail. Elsewhere anybody may make it, so nothing is
 * written there.
 */
const openWrtResolvFile = "/tmp/resolv.conf.d/ipv4-ipv6-gateway.conf";
const isOpenWrt = (): boolean => existsSync("/etc/openwrt_release");

/** The daemon; SIGHUP makes it start anew inside its process, with the configuration as it is then. */
export async function run(place: ConfigPlace): Promise<0> {
  compileLate();
  saveMemory();
  const manager = findServiceManager();
  const signals = catchSignals();
  while ((await serve(place, manager, signals)) === "SIGHUP");
  return 0;
}

/** Serves until a signal asks for something else; resolves with that one. */
async function serve(place: ConfigPlace, manager: ServiceManager, signals: Signals): Promise<NodeJS.Signals> {
  const config = await load(place);
  const missing = await checkTools(systemProcesses, { dnsmasq: config.lan.dhcp });
  if (missing.length > 0) throw new GatewayError("tools-missing", "operator", missing.join("\n         "));
  await prepareRuntimeDirectory(config.state.runtime_directory);
  const release = await acquireLock();
  const { levels, max_size, keep } = config.log;
  const log = openLog({
    ...config.log,
    areas: levels,
    rotation: { bytes: max_size * 1024 * 1024, files: keep },
  });
  const links = openPacketLinks({ onError: (ifname, e) => log.error(e.message, { interface: ifname }) });
  const proxies = await openProxies(config, log.for("proxy"));
  const gateway = new Gateway({
    config,
    dial: systemDial,
    names: systemNameLookup,
    ...(proxies ? { proxies } : {}),
    ...(isOpenWrt() ? { systemResolvFile: openWrtResolvFile } : {}),
    clock: systemClock,
    rng: systemRng,
    log,
    kernel: systemKernel,
    links,
    processes: systemProcesses,
    files: systemFiles,
    stateFile: openDurableText(stateFile(config)),
  });
  let api: { stop(): Promise<void> } | undefined;
  let hooks: Hooks | undefined;
  try {
    await gateway.start();
    hooks = await openHooks(config, gateway, log);
    api = config.api.enabled ? await openApi(config, gateway, log, hooks) : undefined;
    await putPidFile(pidFile(config), `${process.pid} ${formatWall(systemClock.wall())}\n`, log);
    manager.ready();
    const signal = await untilAsked({ place, signals, log, manager, config });
    if (signal === "SIGHUP") manager.reloading();
    else manager.stopping();
    log.info(
      signal === "SIGHUP"
        ? "Gateway starts anew (SIGHUP) with the configuration as it is now; identities and leases stay"
        : `Gateway stops (${signal}); identities and leases stay, "gateway cleanup" removes them`,
    );
    return signal;
  } finally {
    await api?.stop();
    await hooks?.stop();
    await gateway.stop();
    await putPidFile(pidFile(config), undefined, log);
    await release();
    log.close();
  }
}

interface Waiting {
  readonly place: ConfigPlace;
  readonly signals: Signals;
  readonly log: OpenLog;
  readonly manager: ServiceManager;
  /** In force. */
  readonly config: Config;
}

/** The next signal, except a SIGHUP for a configuration that is wrong: that is told, and nothing changes; or that has other log levels only, which are taken over at once. */
async function untilAsked({ place, signals, log, manager, config }: Waiting): Promise<NodeJS.Signals> {
  let inForce = config;
  for (;;) {
    const signal = await signals.next();
    if (signal !== "SIGHUP") return signal;
    try {
      const { config: next } = await loadConfig(place, readText);
      if (!changesLevelsAlone(inForce, next)) return signal;
      manager.reloading();
      takeLevels(log, next);
      inForce = next;
      manager.ready();
    } catch (thrown) {
      log.error(
        `The configuration was not taken over (SIGHUP), and the one before stays: ${messageOf(thrown)}`,
      );
    }
  }
}

function takeLevels(log: OpenLog, { log: { level, levels } }: Config): void {
  log.setLevel(level);
  for (const area of logAreas) log.setArea(area, levels[area]);
  log.info("Log levels are taken from the configuration as it is now (SIGHUP); nothing else has changed");
}

/** Loaded where somebody is to be told. */
async function openHooks(config: Config, gateway: Gateway, log: Log): Promise<Hooks | undefined> {
  if (config.hooks.url === "" && config.hooks.exec === "") return undefined;
  const { runHooks } = await import("./run-hooks.ts");
  return runHooks({ config, gateway, log: log.for("hooks"), version });
}

/** Loaded by the daemon alone: the other commands are to start quickly. Devices are served whether or not anybody can look. */
async function openApi(
  config: Config,
  gateway: Gateway,
  log: OpenLog,
  hooks: Hooks | undefined,
): Promise<{ stop(): Promise<void> } | undefined> {
  const withForwards = <T>(task: (store: ForwardStore) => Promise<T>) => lockForwards(config, task);
  const withInbound = <T>(task: (store: InboundStore) => Promise<T>) => lockInbound(config, task);
  try {
    const { serveApi } = await import("./serve-api.ts");
    return await serveApi({
      config,
      gateway,
      log: log.for("api"),
      logLevels: log,
      version,
      withForwards,
      withInbound,
      hooks: () => hooks?.counts() ?? [],
    });
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
          logConnections: (config.log.levels.proxy ?? config.log.level) === "debug",
        }),
      socat: () => new SocatBackend({ ...parts, limit: proxy.socat_limit }),
    },
  });
  await proxies.choose();
  return proxies;
}
