/** Whether a device asks DHCPv6 servers, and for what. */
import type { Dhcp6Mode } from "../../machine/dhcp6/interface.ts";

export interface ModeFacts {
  /** `dhcpv6.enabled`. */
  readonly enabled: boolean;
  /** M flag of a router that lives. */
  readonly managed: boolean;
  /** O flag of a router that lives. */
  readonly otherConfig: boolean;
  /** A lease is held, or remembered from before a restart. */
  readonly leased: boolean;
  /** Waited for `slaac.ra_wait`, and no address has come of router advertisements. */
  readonly slaacFailed: boolean;
}

/**
 * M: addresses and the rest. O alone: the rest. Neither: nothing, or addresses all the same where there are no others.
 * A lease outlives the M flag: a router that is replaced, or forgets a flag, should cost no device its address, and a
 * server that wants it back does not renew it.
 */
export function modeFor(facts: ModeFacts): Dhcp6Mode | undefined {
  if (!facts.enabled) return undefined;
  if (facts.managed || facts.leased || facts.slaacFailed) return "stateful";
  return facts.otherConfig ? "stateless" : undefined;
}
