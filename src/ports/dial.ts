import type { Ip4 } from "../base/ip4.ts";

/** Looks whether anybody answers. */
export interface Dial {
  /** Whether a TCP connection can be opened; it is closed at once. Never throws. */
  open(ip: Ip4, port: number, timeoutMs: number): Promise<boolean>;
}
