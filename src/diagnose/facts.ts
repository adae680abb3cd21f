/** What the checks look at, gathered beforehand: plain data, so that every fault can be told to them in a test. */
import type { Ip4 } from "../base/ip4.ts";
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import type { WallTime } from "../base/time.ts";
import type { ManualForward } from "../config/forwards-file.ts";
import type { InboundChoice } from "../config/inbound-file.ts";
import type { Config } from "../config/schema.ts";
import type { StoredDevice } from "../config/state-device.ts";
import type { NetworkFacts } from "../config/state-network.ts";
import type { ObservedTables } from "../plan/haproxy-observed.ts";
import type { Observed } from "../plan/observe.ts";

/** Why something could not be looked at, in one sentence. */
export interface Unseen {
  readonly unseen: string;
}
export type Seen<T> = T | Unseen;

export const isUnseen = (fact: unknown): fact is Unseen =>
  typeof fact === "object" && fact !== null && "unseen" in fact;

export interface Facts {
  readonly now: WallTime;
  readonly isRoot: boolean;
  readonly config: Config;
  readonly configFile: { readonly path: string; readonly isThere: boolean };
  readonly service: ServiceFacts;
  readonly daemon: DaemonFacts;
  readonly api: ApiFacts;
  readonly state: StateFacts;
  /** Undefined: there is no such file. */
  readonly forwards: Seen<readonly ManualForward[]> | undefined;
  /** Devices that are open as a whole, of inbound.json; undefined: there is none. */
  readonly inbound: Seen<readonly InboundChoice[]> | undefined;
  readonly kernel: Seen<Observed>;
  /** Settings under /proc/sys, those that are there. */
  readonly settings: ReadonlyMap<string, string>;
  readonly neighbours: Seen<readonly NeighbourFact[]>;
  /** `nft --json list ruleset`. */
  readonly nftables: Seen<unknown>;
  readonly processes: readonly ProcessFact[];
  readonly listeners: readonly ListenerFact[];
  /** UDP ports on which somebody waits. */
  readonly udpPorts: ReadonlySet<number>;
  readonly resolvers: readonly ResolverFact[];
  readonly proxy: ProxyFacts;
  readonly reached: readonly ReachFact[];
  /** Answers to a DHCPDISCOVER on the LAN, from others than this machine. */
  readonly dhcpOffers: Seen<readonly OfferFact[]>;
  /** ARP questions of identities to their routers. */
  readonly arpAnswers: Seen<readonly ArpFact[]>;
  /** What left the WAN port meanwhile. */
  readonly leaving: Seen<LeavingFacts>;
  /** What answered an echo request through the NAT64; undefined: there is none that is needed. */
  readonly nat64: Seen<Nat64Facts> | undefined;
  readonly missing: { readonly tools: readonly string[]; readonly proxy: string | undefined };
  readonly clock: ClockFacts;
  readonly disks: readonly DiskFact[];
  /** OpenWrt's own configuration; undefined elsewhere. */
  readonly uci: UciFacts | undefined;
}

export interface ServiceFacts {
  readonly manager: "systemd" | "procd" | "none";
  /** The unit or the init script, where there is one. */
  readonly file: string | undefined;
  readonly isEnabled: boolean;
}

export interface DaemonFacts {
  /** Undefined: none runs, as far as the pid file tells. */
  readonly pid: number | undefined;
  readonly pidFile: { readonly path: string; readonly isThere: boolean };
  /** Somebody has the lock that only a running gateway holds. */
  readonly isLocked: boolean;
  readonly descriptors: Seen<{ readonly open: number; readonly limit: number }> | undefined;
  /** What it finds wrong, in full sentences. */
  readonly troubles: readonly string[];
}

/** How each way to ask `/health` went: the status, or why there is none. */
export interface ApiFacts {
  readonly localhost: number | string;
  readonly lan: number | string;
  readonly socket: number | string;
}

export interface StateFacts {
  readonly path: string;
  /** Why it may not be read, in a sentence; then nothing is known of the devices unless the API tells. */
  readonly hidden: string | undefined;
  /** Why it cannot be used; undefined: it can, or there is none. */
  readonly damage: string | undefined;
  readonly goodBackup: string | undefined;
  readonly writtenAt: WallTime | undefined;
  readonly network: NetworkFacts | undefined;
  /** Of the running daemon where it answers, else of the file. */
  readonly devices: readonly StoredDevice[];
  readonly refused: readonly StoredDevice[];
}

export interface NeighbourFact {
  readonly ifname: string;
  readonly ip: string;
  readonly mac: Mac | undefined;
  /** As iproute2 prints it: REACHABLE, FAILED, … */
  readonly states: readonly string[];
}

/** In our network namespace. */
export interface ProcessFact {
  readonly pid: number;
  readonly program: string;
  readonly argv: readonly string[];
  readonly isStopped: boolean;
}

export interface ListenerFact {
  readonly address: string;
  readonly port: number;
  readonly pid: number | undefined;
  readonly program: string | undefined;
}

export interface ResolverFact {
  readonly address: string;
  /** `upstream`: of the network. `own`: what the devices ask. */
  readonly kind: "upstream" | "own";
  /** Why there was no answer; undefined: there was one. */
  readonly failure: string | undefined;
}

export interface ProxyFacts {
  readonly kind: "haproxy" | "socat" | "none";
  readonly pids: readonly number[];
  /** Of HAProxy's runtime socket: why it did not answer. */
  readonly silence: string | undefined;
  /** Of HAProxy: its servers and where addresses and ports lead; undefined where there is none that answers. */
  readonly tables: Seen<ObservedTables> | undefined;
}

/** A TCP connection from the gateway to a device. */
export interface ReachFact {
  readonly mac: Mac;
  readonly ip: Ip4;
  readonly port: number;
  /** A port of `forwards.ports`, and not only the target of a manual forward. */
  readonly isListed: boolean;
  readonly isOpen: boolean;
}

export interface OfferFact {
  readonly server: Ip4;
  readonly mac: Mac;
  readonly offered: Ip4;
}

export interface ArpFact {
  /** The identity that asked, and whom. */
  readonly mac: Mac;
  readonly ip: Ip4;
  readonly router: Ip4;
  /** Who answered it; empty: nobody. */
  readonly answers: readonly Mac[];
  /** Who else spoke under the identity's own address meanwhile. */
  readonly rivals: readonly Mac[];
  /** Its question was heard on the LAN port. */
  readonly cameBack: boolean;
}

export interface Nat64Facts {
  /** The identity that asked, and whom. */
  readonly mac: Mac;
  readonly target: Ip6;
  readonly answers: readonly EchoFact[];
}

export interface EchoFact {
  readonly from: Ip6;
  readonly kind: "reply" | "expired" | "unreachable";
  /** It has an IPv4 address, which the NAT64 has translated. */
  readonly isBehind: boolean;
}

export interface ClockFacts {
  /** Whether the kernel says that somebody keeps it; undefined: it cannot be asked. */
  readonly isKept: boolean | undefined;
  /** Time servers of the network that answered, and by how many milliseconds the clock is ahead of each. */
  readonly servers: readonly { readonly server: string; readonly ahead: number }[];
}

export interface LeavingFacts {
  readonly seconds: number;
  /** Under MACs that are neither a device's nor the port's own where it may speak. */
  readonly strangers: readonly StrangerFact[];
  /** Identities that asked for their router by ARP. */
  readonly asked: readonly Mac[];
  /** Those of them whose question was not among what left. */
  readonly silent: readonly Mac[];
}

/** Frames of one kind under one MAC. */
export interface StrangerFact {
  readonly mac: Mac;
  /** As `ARP request for 192.0.2.1`. */
  readonly what: string;
  readonly frames: number;
}

export interface DiskFact {
  readonly path: string;
  readonly what: "state" | "runtime" | "log";
  /** Bytes. */
  readonly free: number;
  readonly isReadOnly: boolean;
  readonly isWritable: boolean;
}

export interface UciFacts {
  readonly lanAddress: string | undefined;
  readonly wanProto: string | undefined;
  readonly wan6Proto: string | undefined;
  readonly dhcpLan:
    | { readonly interface: string | undefined; readonly start: string | undefined }
    | undefined;
}
