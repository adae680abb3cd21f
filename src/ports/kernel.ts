import type { Address6Fact } from "../plan/desired6.ts";

/** One `ip -batch` line that the kernel refused. */
export interface LineFailure {
  /** Index into the lines given. */
  readonly line: number;
  readonly message: string;
}

/** Something changed in the kernel; a hint to look again, never a fact to store. But for IPv6 addresses: the last that is told of one is how it is (ADR 35). */
export type KernelEvent =
  | {
      readonly kind: "neighbour";
      readonly ip: string;
      readonly mac: string | undefined;
      readonly state: string;
      readonly ifname: string;
    }
  | {
      readonly kind: "link";
      readonly ifname: string;
      /** Set up, whether or not there is a carrier. */
      readonly up: boolean;
      readonly carrier: boolean;
      readonly gone: boolean;
      /** Bytes. */
      readonly mtu: number;
      /** As iproute2 prints it. */
      readonly group: string;
    }
  | {
      readonly kind: "address";
      readonly ifname: string;
      readonly family: 4 | 6;
      readonly ip: string;
      /** Of its prefix. */
      readonly length: number;
      /** By the kernel, from a router advertisement. */
      readonly made: boolean;
      readonly gone: boolean;
      /** A duplicate that router advertisements made goes at once. Each advertisement tells of its addresses anew. */
      readonly state: Address6Fact["state"];
    }
  | {
      readonly kind: "route";
      readonly ifname: string | undefined;
      /** Key of the resource it is, where the route is marked as ours. */
      readonly key: string | undefined;
      readonly gone: boolean;
    }
  | { readonly kind: "rule"; readonly preference: number; readonly gone: boolean }
  | { readonly kind: "setting"; readonly ifname: string }
  /** `keys`: of the elements, where nothing else changed. */
  | { readonly kind: "nftables"; readonly keys: readonly string[]; readonly gone: boolean }
  /** Events were lost: observe everything. */
  | { readonly kind: "resync" };

/** The kernel's network state, by way of iproute2, nftables and /proc/sys; text and JSON as those tools define them. */
export interface Kernel {
  /**
   * Applies `ip -batch` lines in one process, all of them, and tells which failed. `family` is for lines whose words do not tell it, such
   * as rules: they are IPv4 without.
   */
  ipBatch(lines: readonly string[], family?: 4 | 6): Promise<readonly LineFailure[]>;
  /** `ip -json` with these arguments, the first of which may be the family, as `-4`. Errors: GatewayError "ip-failed". */
  ipJson(args: readonly string[]): Promise<unknown>;
  /**
   * Several `ip -details -json` commands of one family; one answer each. Of `both` addresses are shown of both families, and rules of
   * IPv4. Errors: GatewayError "ip-failed".
   */
  ipShow(family: 4 | 6 | "both", commands: readonly (readonly string[])[]): Promise<readonly unknown[]>;
  /** What `ip -6 -json address show` prints of these interfaces; those that are not there are left out. Errors: GatewayError "ip-failed". */
  ipAddresses6(ifnames: readonly string[]): Promise<readonly unknown[]>;
  /**
   * Which of these interfaces have a carrier; those that are not there are left out. Whoever is asked for has what came or went there dealt with at once: by
   * itself the kernel deals with a hundred interfaces a second (linkwatch), and until then drops what is sent by one whose carrier is back. Before Linux 6.8 asking only
   * tells. Errors: GatewayError "ip-failed".
   */
  carriers(ifnames: readonly string[]): Promise<ReadonlyMap<string, boolean>>;
  /** Applies one nft script as one transaction. Errors: GatewayError "nft-failed", nothing applied. */
  nft(script: string): Promise<void>;
  /** `nft --json` with these arguments; undefined when the object does not exist. */
  nftJson(args: readonly string[]): Promise<unknown>;
  /** `key` as under /proc/sys, with slashes; undefined when there is no such setting. */
  readSysctl(key: string): Promise<string | undefined>;
  /** Errors: GatewayError "sysctl-failed". */
  writeSysctl(key: string, value: string): Promise<void>;
  /** Lets all processors but `busy` (a number from 0) go on with what this interface receives. Gives why not, where that cannot be: it costs speed and nothing else. */
  spreadReceived(ifname: string, busy?: number): Promise<string | undefined>;
  /** Tells of changes, of `tables` among all of nftables, until stopped; survives lost events and restarts by itself. */
  watch(
    tables: readonly { readonly family: string; readonly name: string }[],
    onEvent: (event: KernelEvent) => void,
  ): { stop(): Promise<void> };
}
