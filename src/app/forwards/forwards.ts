/** Which ways lead from outside to which device. */
import type { Ip4 } from "../../base/ip4.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { type ManualForward, nameOf } from "../../config/forwards-file.ts";
import type { InboundChoice } from "../../config/inbound-file.ts";
import type { Config } from "../../config/schema.ts";
import {
  type AutoForward,
  automaticForwards,
  type Exception,
  planForwards,
  proxyDevices,
  type ReachableDevice,
} from "../../plan/forwards.ts";
import { type AutoPort, autoPorts, exceptionsListener, type ProxyDesired } from "../../plan/proxy.ts";
import type { Element } from "../../plan/resource.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Dial } from "../../ports/dial.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";
import type { Device } from "../devices/device.ts";
import { InboundChoices } from "./inbound-choices.ts";
import { ManualForwards } from "./manual-forwards.ts";
import { Prober } from "./prober.ts";

export interface ForwardsParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly files: Files;
  readonly dial: Dial;
  /** What leads to devices is other than before; to those of one LAN address, or to all. */
  readonly onChange: (ip?: Ip4) => void;
  readonly onTrouble: (sentence: string | undefined) => void;
  /** The same about the file of open devices. */
  readonly onInboundTrouble: (sentence: string | undefined) => void;
}

/** A device with its WAN addresses that are in use. */
export interface AddressedDevice {
  readonly device: Device;
  readonly addresses4: readonly Ip4[];
  readonly addresses6: readonly Ip6[];
}

/** A port of the device's own WAN addresses, and where it leads. */
export interface WayIn {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** Port of the device. */
  readonly target: number;
  readonly automatic: boolean;
  /** UDP is led on IPv4 alone. */
  readonly addresses: readonly (Ip4 | Ip6)[];
  /** Whether the device has the port open; undefined: nobody has looked. */
  readonly open: boolean | undefined;
}

export type OwnAddresses = Pick<AddressedDevice, "addresses4" | "addresses6">;

const noAddresses: OwnAddresses = { addresses4: [], addresses6: [] };

/** The same for all devices that a configuration leads to. */
const autoForwardsOf = ({ forwards }: Config): readonly AutoForward[] =>
  forwards.auto
    ? automaticForwards(forwards.ports.map(({ port, devicePorts }) => ({ port, targets: devicePorts })))
    : [];

export const autoPortsOf = (config: Config): readonly AutoPort[] =>
  autoPorts(autoForwardsOf(config).map(({ port, targets: [first = port] }) => ({ port, target: first })));

export class Forwards {
  readonly #parts: ForwardsParts;
  readonly #auto: readonly AutoForward[];
  readonly #ports: readonly AutoPort[];
  readonly #manual: ManualForwards;
  readonly #inbound: InboundChoices;
  readonly #prober: Prober;

  constructor(parts: ForwardsParts) {
    this.#parts = parts;
    this.#auto = autoForwardsOf(parts.config);
    this.#ports = autoPortsOf(parts.config);
    const { state, lan } = parts.config;
    this.#manual = new ManualForwards({
      ...parts,
      onChange: () => parts.onChange(),
      directory: state.directory,
      lan: lan.address,
    });
    this.#inbound = new InboundChoices({
      ...parts,
      onChange: () => parts.onChange(),
      onTrouble: parts.onInboundTrouble,
      directory: state.directory,
      lan: lan.address,
      fallback: parts.config.forwards.inbound,
    });
    const choices = this.#auto.filter(({ targets }) => targets.length > 1);
    this.#prober = new Prober({ ...parts, ports: [...new Set(choices.flatMap(({ targets }) => targets))] });
  }

  async start(): Promise<void> {
    await this.#manual.start();
    await this.#inbound.start();
  }

  stop(): void {
    this.#manual.stop();
    this.#inbound.stop();
    this.#prober.stop();
  }

  /** What people asked for and is in force. */
  get manual(): readonly ManualForward[] {
    return this.#manual.list;
  }

  /** What people decided about devices as a whole and is in force. */
  get inbound(): readonly InboundChoice[] {
    return this.#inbound.list;
  }

  /** The networks that every port of the device, and echoes, are open to. */
  openTo({ lanIp }: Pick<Device, "lanIp">): readonly string[] {
    return lanIp ? this.#inbound.openTo(lanIp) : [];
  }

  /** Whether any device may be open as a whole. */
  get opensAny(): boolean {
    return this.#inbound.opensAny;
  }

  /** Whether IPv6 clients are to reach the device as a whole. */
  isOpen6(device: Pick<Device, "lanIp">): boolean {
    return this.openTo(device).some((net) => net.includes(":"));
  }

  /** Everybody who can be reached now. @param own the WAN port's own addresses: they stand for the primary device */
  plan(devices: readonly AddressedDevice[], own: OwnAddresses): ReachableDevice[] {
    this.#prober.follow(new Set(devices.flatMap(({ device }) => device.lanIp ?? [])));
    return this.reachable(devices, own);
  }

  /** The same, without looking which of their ports are open. */
  reachable(devices: readonly AddressedDevice[], own: OwnAddresses): ReachableDevice[] {
    const primary = this.#primary(devices.map(({ device }) => device));
    return devices.flatMap((d) => this.#reach(d, d.device.mac === primary ? own : noAddresses) ?? []);
  }

  /** The same of one device, where the WAN port has no addresses of its own. */
  planOne(device: AddressedDevice): ReachableDevice | undefined {
    if (device.device.lanIp) this.#prober.add(device.device.lanIp);
    return this.#reach(device, noAddresses);
  }

  #reach({ device: { mac, lanIp }, addresses4, addresses6 }: AddressedDevice, own: OwnAddresses) {
    if (!lanIp) return undefined;
    const open = this.#prober.open(lanIp);
    const from = this.#inbound.openTo(lanIp);
    return {
      mac,
      lanIp,
      auto: this.#auto.length > 0,
      exceptions: this.#exceptions(lanIp, open),
      addresses4: [...addresses4, ...own.addresses4],
      addresses6: [...addresses6, ...own.addresses6],
      ...checkOf(this.#auto, open),
      ...(from.length > 0 ? { open: { from, addresses4, addresses6 } } : {}),
    };
  }

  /** All that leads to a device, by port. */
  ways({ device: { lanIp }, addresses4, addresses6 }: AddressedDevice): readonly WayIn[] {
    if (!lanIp || addresses4.length + addresses6.length === 0) return [];
    const exceptions = this.#exceptions(lanIp, this.#prober.open(lanIp));
    const manual = new Set(this.#manual.list.filter((m) => m.address === lanIp).map(nameOf));
    const taken = new Set(exceptions.filter((e) => e.protocol === "tcp").map(({ port }) => port));
    const standard = this.#auto
      .filter(({ port }) => !taken.has(port))
      .map(({ port, targets: [target = port] }): Exception => ({ protocol: "tcp", port, target }));
    return [...exceptions, ...standard]
      .toSorted((a, b) => a.port - b.port)
      .map((way) => ({
        ...way,
        automatic: !manual.has(nameOf(way)),
        addresses: way.protocol === "tcp" ? [...addresses4, ...addresses6] : addresses4,
        open: way.protocol === "tcp" ? this.#prober.isOpen(lanIp, way.target) : undefined,
      }));
  }

  /** Whether a port of a device was open at the last look; undefined: nobody looks at it, or has not yet. */
  isOpen(ip: Ip4, port: number): boolean | undefined {
    return this.#prober.isOpen(ip, port);
  }

  /** What leads to one device. */
  elements(reachable: ReachableDevice): readonly Element[] {
    return planForwards([reachable], []);
  }

  /** What leads to devices from the LAN. */
  commonElements(): readonly Element[] {
    return planForwards([], this.#manual.list);
  }

  proxyDesired(reachable: readonly ReachableDevice[]): ProxyDesired {
    const { lan, proxy } = this.#parts.config;
    const stats = { address: lan.address.ip, port: proxy.stats_port, uri: proxy.stats_uri };
    return {
      ports: this.#ports,
      exceptionsListener,
      devices: proxyDevices(reachable),
      sendProxy: proxy.send_proxy,
      ...(proxy.stats ? { stats } : {}),
    };
  }

  /** What people asked for beats what is found open, and that beats the first candidate. */
  #exceptions(lanIp: Ip4, open: readonly number[]): Exception[] {
    const manual = this.#manual.list
      .filter(({ address }) => address === lanIp)
      .map(({ protocol, port, target }): Exception => ({ protocol, port, target }));
    const taken = new Set(manual.filter(({ protocol }) => protocol === "tcp").map(({ port }) => port));
    const found = this.#auto.flatMap(({ port, targets }): Exception[] => {
      const target = targets.find((t) => open.includes(t));
      const differs = target !== undefined && target !== targets[0] && !taken.has(port);
      return differs ? [{ protocol: "tcp", port, target }] : [];
    });
    return [...manual, ...found];
  }

  #primary(devices: readonly Device[]): Mac | undefined {
    const { primary } = this.#parts.config.forwards;
    if (primary === "none") return undefined;
    if (primary !== "auto") return primary as Mac;
    const active = devices.filter(({ ipv4, ipv6 }) => ipv4.installed || ipv6.installed);
    return active.toSorted((a, b) => a.discoveredAt - b.discoveredAt)[0]?.mac;
  }
}

/** A port that is known to be open, else the one that clients try first. */
function checkOf(auto: readonly AutoForward[], open: readonly number[]): { check?: number } {
  const check = open[0] ?? auto.find(({ targets }) => targets.length > 1)?.targets[0] ?? auto[0]?.targets[0];
  return check === undefined ? {} : { check };
}
