import { GatewayError } from "../base/errors.ts";
import type { Config } from "../config/schema.ts";
import type { Observed } from "../plan/observe.ts";

/** Errors: GatewayError "config-no-interface" when a configured port is not there. */
export function checkPorts({ ports }: Observed, { lan, wan }: Config): void {
  for (const [key, ifname] of [
    ["lan.interface", lan.interface] as const,
    ["wan.interface", wan.interface] as const,
  ]) {
    if (ports.has(ifname)) continue;
    const there = [...ports.keys()].filter((name) => name !== "lo").join(", ") || "none";
    throw new GatewayError(
      "config-no-interface",
      "operator",
      `${key} = "${ifname}": there is no such interface; this machine has: ${there}`,
    );
  }
}
