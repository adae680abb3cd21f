import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Capture, type CaptureLimits } from "./capture.ts";
import {
  hostOf,
  type LabDescription,
  prefixLengthOf,
  standardMacs,
  type WanDescription,
} from "./description.ts";
import { Device, type DeviceDescription } from "./devices.ts";
import { GatewayHost } from "./gateway.ts";
import { connect, createSwitch, Namespace } from "./netns.ts";
import { Simulator } from "./simulator/simulator.ts";
import { sleep } from "./wait.ts";
import { createWan, type WanNetwork } from "./wan.ts";

/** Of each side, from the beginning of a scenario. */
export const scenarioCapture: CaptureLimits = { frames: 100_000, snapBytes: 600 };

/**
 * A whole laboratory. Namespaces: `lan` (bridge), `gw` (eth1 to the LAN, eth0 to the WAN), `switch`, `router`, `internet`,
 * `client1`… and `dev-NAME` for each device. One at a time in a sandbox.
 */
export class Lab {
  readonly devices = new Map<string, Device>();
  /** By name; a scenario has `wan` and `lan` from its beginning. */
  readonly captures = new Map<string, Capture>();
  readonly simulators: Simulator[] = [];
  /** Of hosts that a scenario adds by itself; removed with the rest. */
  readonly others: Namespace[] = [];
  /** Figures and the like that are printed beneath the scenario's name. */
  readonly notes: string[] = [];
  /** The first, and those that were added. */
  readonly networks: WanNetwork[] = [];

  private constructor(
    /** Everything the lab writes: configurations, leases, logs, captures. */
    readonly directory: string,
    readonly lan: Namespace,
    readonly lanSubnet: string,
    readonly gateway: GatewayHost,
    readonly wan: WanNetwork,
  ) {
    this.networks.push(wan);
  }

  static async create(description: LabDescription = {}): Promise<Lab> {
    const directory = await mkdtemp(join(tmpdir(), "gateway-lab-"));
    const lanSubnet = description.lan?.subnet ?? "192.168.1.0/24";
    const [lan, host, wan] = await Promise.all([
      createSwitch("lan"),
      Namespace.create("gw"),
      createWan(description.wan ?? {}, directory),
    ]);
    await connectGateway(host, lan, wan, description);
    const gateway = new GatewayHost(
      host,
      join(directory, "gateway"),
      `${hostOf(lanSubnet, 1)}/${prefixLengthOf(lanSubnet)}`,
      description.gateway?.wanMac ?? standardMacs.gatewayWan,
    );
    return new Lab(directory, lan, lanSubnet, gateway, wan);
  }

  /** Another network beside the first; the gateway is not plugged into it. */
  async addWan(description: WanDescription & { readonly name: string }): Promise<WanNetwork> {
    const network = await createWan(description, this.directory);
    this.networks.push(network);
    return network;
  }

  /**
   * Moves the gateway's WAN cable to another network's switch: carrier goes and comes, and the first switch forgets who probed for which
   * IPv6 address. The capture `wan` ends; `wan-NAME` follows the cable, a moment later. Gives the moment (`performance.now()`) of the carrier.
   */
  async moveCable(from: WanNetwork, to: WanNetwork): Promise<number> {
    await from.firewall.namespace.ip([`link set gateway netns ${to.firewall.namespace.name}`]);
    await to.firewall.namespace.ip(["link set gateway master br0", "link set gateway up"]);
    const carrierAt = performance.now();
    await to.firewall.settlePort("gateway");
    if (this.captures.has("wan")) await this.capture("wan", `wan-${to.name}`, [], scenarioCapture, to);
    await from.firewall.forgetBindings6();
    return carrierAt;
  }

  /** Takes the carrier of the gateway's WAN port away and gives it back, so many times, evenly over so many milliseconds. */
  async flapCable(times: number, overMs: number, network: WanNetwork = this.wan): Promise<void> {
    for (let n = 0; n < times; n++) {
      await network.firewall.setPort("gateway", "down");
      await sleep(overMs / times / 2);
      await network.firewall.setPort("gateway", "up");
      await sleep(overMs / times / 2);
    }
  }

  async addDevice(description: DeviceDescription): Promise<Device> {
    const device = await Device.create(description, this.lan);
    this.devices.set(device.name, device);
    return device;
  }

  async removeDevice(device: Device): Promise<void> {
    this.devices.delete(device.name);
    await device.remove();
  }

  /** Another LAN port, behind which a process plays as many devices as told. */
  async addSimulator(name = "sim"): Promise<Simulator> {
    const simulator = await Simulator.create(this.lan, name);
    this.simulators.push(simulator);
    return simulator;
  }

  /** Captures one side of the gateway, as the switch and the LAN see it, to NAME.pcap in the lab's directory. */
  async capture(
    side: "wan" | "lan",
    name: string,
    filter: readonly string[] = [],
    limits: CaptureLimits = {},
    network: WanNetwork = this.wan,
  ): Promise<Capture> {
    const namespace = side === "wan" ? network.firewall.namespace : this.lan;
    const file = join(this.directory, `${name}.pcap`);
    const capture = await Capture.start(namespace, "gateway", file, filter, limits);
    this.captures.set(name, capture);
    return capture;
  }

  /** Ends every process, removes every namespace and all files. Never throws for what is gone already. */
  async dispose(): Promise<void> {
    await this.gateway.stop("SIGKILL");
    const namespaces = [
      ...[...this.devices.values()].map((device) => device.namespace),
      ...this.simulators.map((simulator) => simulator.namespace),
      ...this.others,
      ...this.networks.flatMap((network) => network.namespaces),
      this.gateway.namespace,
      this.lan,
    ];
    await Promise.allSettled(namespaces.map((namespace) => namespace.remove()));
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function connectGateway(
  host: Namespace,
  lan: Namespace,
  wan: WanNetwork,
  { gateway = {} }: LabDescription,
): Promise<void> {
  await connect(
    { namespace: host, ifname: "eth1", mac: gateway.lanMac ?? standardMacs.gatewayLan, ipv6: false },
    { namespace: lan, ifname: "gateway", bridge: "br0" },
  );
  await connect(
    { namespace: host, ifname: "eth0", mac: gateway.wanMac ?? standardMacs.gatewayWan, ipv6: false },
    { namespace: wan.firewall.namespace, ifname: "gateway", bridge: "br0" },
  );
}

/** Errors: a part that cannot be made; what was made before it is removed. */
export async function createLab(description: LabDescription = {}): Promise<Lab> {
  try {
    return await Lab.create(description);
  } catch (error) {
    // The sandbox is ours alone, so every named namespace in it is a leftover of this lab.
    const names = await readdir("/run/netns");
    await Promise.allSettled(names.map((name) => Namespace.existing(name).remove()));
    throw error;
  }
}
