/** What translates packets between the families, as the rest of the gateway knows it. */
import type { Cidr4 } from "../../base/cidr4.ts";
import type { Cidr6 } from "../../base/cidr6.ts";

/** The LAN inside the inner prefix on the one side, the NAT64 and IPv6 clients on the other. */
export interface TranslatorSettings {
  readonly lan: Cidr4;
  readonly nat64?: Cidr6;
  /** Where IPv6 clients stand for the devices. */
  readonly clients?: Cidr4;
}

/** Whose packets are to be translated: IPv4 of devices, or what IPv6 clients send them. */
export type Translated = "devices" | "clients";

export interface Translator {
  readonly name: string;
  /** What it wants its interface to be; absent: a tun device. */
  readonly medium?: "veth" | undefined;
  /** Why it cannot be used for that on this machine, without a full stop; undefined: it can. */
  missing(what: Translated): Promise<string | undefined>;
  /**
   * Runs with these settings from now on, on an interface that is there. Failures are no errors: they are told, and mended in time.
   * @param mtu bytes, of that interface
   */
  run(settings: TranslatorSettings, mtu: number): Promise<void>;
  /** Ends the translating; resolves when the interface is nobody's. */
  stop(): Promise<void>;
  /** The gateway ends and translating goes on; nobody watches any more. */
  leave(): Promise<void>;
}
