/** Identities made by hand with IPv6 of the kernel's own, for scenarios about the laboratory itself. */
import { eui64Address, type Ip6 } from "../../src/base/ip6.ts";
import type { Mac } from "../../src/base/mac.ts";
import { deviceMac } from "../description.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";

export const mac = deviceMac(1);

/** What SLAAC forms of a prefix such as `2001:db8:a::`. */
export const eui64Of = (prefix: string, of: string): string => eui64Address(prefix as Ip6, of as Mac);

/** An identity made by hand: a macvlan with the device's MAC; the kernel does SLAAC. */
export async function addIdentity(lab: Lab, ifname = "id1", address = mac): Promise<void> {
  const { namespace } = lab.gateway;
  await namespace.ip([
    `link add ${ifname} link eth0 address ${address} type macvlan mode private`,
    `link set ${ifname} up`,
  ]);
}

export interface Address {
  readonly local: string;
  readonly scope: string;
  readonly tentative?: boolean;
  readonly deprecated?: boolean;
  readonly preferred_life_time: number;
}

/** Those past duplicate address detection. */
export async function addresses(lab: Lab, ifname = "id1"): Promise<readonly Address[]> {
  const [link] = (await lab.gateway.namespace.ipJson(["-6", "addr", "show", "dev", ifname])) as readonly {
    readonly addr_info?: readonly Address[];
  }[];
  return (link?.addr_info ?? []).filter(({ tentative }) => tentative !== true);
}

export const waitForAddress = (lab: Lab, address: string, ifname = "id1"): Promise<Address> =>
  waitFor(`${ifname} has ${address}`, async () =>
    (await addresses(lab, ifname)).find(({ local }) => local === address),
  );
