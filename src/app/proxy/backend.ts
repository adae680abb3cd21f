/** What a program that proxies IPv6 to the devices' IPv4 is to the rest of the gateway. */
import type { ProxyChanges, ProxyDesired, ProxyUse } from "../../plan/proxy.ts";

export interface ProxyStatus {
  readonly backend: "haproxy" | "socat";
  /** Whether it serves now. */
  readonly running: boolean;
  /** One line for people, such as `HAProxy 2.6.12: 12 devices; connections: 40`. */
  readonly summary: string;
  /** What does not work, each in one full sentence that names what is concerned. */
  readonly problems: readonly string[];
}

export interface ProxyBackend {
  /** Takes over what an earlier run left. Failures to serve are no errors: they are told by `status` and mended in time. */
  start(): Promise<void>;
  /** What is wanted from now on, wholly; the rest follows by itself. */
  update(desired: ProxyDesired): void;
  /** Of what was wanted last, only these devices are different now. Nothing before the first `update`. */
  change(devices: ProxyChanges): void;
  /** Ends the watching, not the serving: what is open stays open until the next run takes over. */
  stop(): Promise<void>;
  status(): ProxyStatus;
  /** How it is used, at most some seconds old; undefined: it does not tell. Never rejects. */
  use(): Promise<ProxyUse | undefined>;
}
