/** The whole gateway between two wires in memory: devices on eth1, a router with a DHCP server on eth0. */
import { Gateway } from "../../src/app/gateway.ts";
import { anyIp4, type Ip4 } from "../../src/base/ip4.ts";
import type { Mac } from "../../src/base/mac.ts";
import { seededRng } from "../../src/base/rng.ts";
import { type Duration, millis, minutes, seconds } from "../../src/base/time.ts";
import { type Config, defaultConfig } from "../../src/config/schema.ts";
import { router } from "../../src/plan/sample.fixture.ts";
import { emitArpAnnouncement, emitArpReply, parseArpFrame } from "../../src/wire/arp.ts";
import { clientFrame, DhcpServer, serverMac } from "./dhcp-server.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeKernel } from "./fake-kernel.ts";
import { FakeLinks } from "./fake-links.ts";
import { FakeProcesses, MemoryFiles, MemoryText } from "./memory-files.ts";
import { MemoryLog } from "./memory-log.ts";

const statusFile = /"mac_address": "([^"]+)"[^}]*?"ipv4_wan_address": ("[^"]+"|null)[^}]*?"status": "(\w+)"/g;

export class GatewayBench {
  readonly clock = new FakeClock();
  readonly kernel = new FakeKernel();
  readonly links = new FakeLinks();
  readonly log = new MemoryLog();
  readonly stateFile = new MemoryText();
  readonly files = new MemoryFiles();
  readonly processes = new FakeProcesses();
  readonly server = new DhcpServer(new Map());
  /** Stations on the LAN that answer ARP. */
  readonly present = new Map<Ip4, Mac>();
  /** Stations on the WAN that answer ARP. */
  readonly onWan = new Map<Ip4, Mac>([[router, serverMac]]);
  /** Sees each frame that leaves on the WAN. */
  onWanFrame: (frame: Uint8Array) => void = () => {};
  gateway: Gateway;

  constructor(readonly config: Config = benchConfig()) {
    this.links.onSend = (ifname, frame) => this.#carry(ifname, frame);
    this.gateway = this.#make();
  }

  #make(): Gateway {
    const { clock, kernel, links, log, stateFile, files, processes, config } = this;
    const dial = { open: async () => false };
    const names = { aaaa: async () => ({ kind: "none" as const }) };
    return new Gateway({
      dial,
      names,
      config,
      clock,
      kernel,
      links,
      log,
      stateFile,
      files,
      processes,
      rng: seededRng(9),
    });
  }

  #carry(ifname: string, frame: Uint8Array): void {
    if (ifname === "eth0") this.onWanFrame(frame);
    const answer =
      this.#arpAnswer(ifname, frame) ?? (ifname === "eth0" ? this.server.answer(frame) : undefined);
    if (answer) this.clock.after(millis(2), () => this.links.deliver(ifname, answer));
  }

  #arpAnswer(ifname: string, frame: Uint8Array): Uint8Array | undefined {
    const parsed = parseArpFrame(frame);
    if (!parsed.ok || parsed.value.arp.operation !== "request") return undefined;
    const { senderMac, senderIp, targetIp } = parsed.value.arp;
    const holder = (ifname === "eth0" ? this.onWan : this.present).get(targetIp);
    if (!holder || holder === senderMac) return undefined;
    return emitArpReply({ senderMac: holder, senderIp: targetIp, targetMac: senderMac, targetIp: senderIp });
  }

  async start(): Promise<void> {
    // Real files and programs answer in their own time; here promises settle while the clock stands.
    const begun = this.gateway.start();
    await this.clock.advance(millis(0));
    await begun;
  }

  /** Another process with the same files, kernel and networks. */
  async restart(away: Duration = seconds(0)): Promise<void> {
    await this.gateway.stop();
    await this.clock.advance(away);
    this.gateway = this.#make();
    await this.start();
  }

  /** A device asks for an address by DHCP on the LAN, and begins to use it. */
  comes(mac: Mac, ip: Ip4, hostName?: string): void {
    this.present.set(ip, mac);
    const named = hostName ? { hostName } : {};
    this.links.deliver(
      "eth1",
      clientFrame(mac, { messageType: "discover", parameterList: [1, 3, 6], ...named }),
    );
    this.clock.after(millis(300), () => this.links.deliver("eth1", emitArpAnnouncement(mac, ip)));
  }

  /** A device with a fixed address is heard. */
  speaks(mac: Mac, ip: Ip4): void {
    this.present.set(ip, mac);
    this.links.deliver("eth1", emitArpAnnouncement(mac, ip === anyIp4 ? anyIp4 : ip));
  }

  /** `mac address status` of each device in the state file. */
  stored(): string[] {
    return [...(this.stateFile.text ?? "").matchAll(statusFile)].map(
      ([, mac, address, status]) => `${mac} ${address?.replaceAll('"', "")} ${status}`,
    );
  }
}

export const benchConfig = (over: (config: Config) => Partial<Config> = () => ({})): Config => {
  const config = defaultConfig();
  const fast: Config = {
    ...config,
    pacing: { ...config.pacing, profile: "unlimited" },
    dhcpv4: { ...config.dhcpv4, timeout: seconds(5), retries: 2, retry_delay: seconds(1) },
    dhcpv6: { ...config.dhcpv6, timeout: seconds(5), retries: 2, retry_delay: seconds(1) },
    discovery: { ...config.discovery, forget_after: minutes(60) },
  };
  return { ...fast, ...over(fast) };
};
