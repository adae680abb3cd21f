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

export interface Translator {
  readonly name: string;
  /** Why it cannot be used on this machine, without a full stop; undefined: it can. */
  missing(): Promise<string | undefined>;
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
