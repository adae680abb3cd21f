/** Tells of WAN leases inside `forwards.clients`, for as long as there are any. */
import type { Cidr4 } from "../../base/cidr4.ts";
import type { Mac } from "../../base/mac.ts";
import { clashes, clashSentence } from "../../plan/clients-clash.ts";
import { type Device, leaseOf } from "../devices/device.ts";
import type { Registry } from "../devices/registry.ts";

export interface ClientsClashParts {
  readonly clients: Cidr4;
  readonly registry: Registry;
  /** What is wrong, in a sentence; undefined: nothing. */
  readonly onTrouble: (sentence: string | undefined) => void;
}

export function watchClientsClash({ clients, registry, onTrouble }: ClientsClashParts): void {
  const clashing = new Map<Mac, Device>();
  let told: string | undefined;
  registry.listen((now, was) => {
    if (now && clashesWith(clients, now)) clashing.set(now.mac, now);
    else if (!clashing.delete((now ?? was)?.mac as Mac)) return;
    const sentence = sentenceOf(clients, [...clashing.values()]);
    if (sentence === told) return;
    told = sentence;
    onTrouble(sentence);
  });
}

function clashesWith(clients: Cidr4, device: Device): boolean {
  const lease = leaseOf(device);
  return lease !== undefined && clashes(clients, { ip: lease.address, length: lease.prefixLength });
}

function sentenceOf(clients: Cidr4, devices: readonly Device[]): string | undefined {
  const [first] = devices;
  const lease = first && leaseOf(first);
  if (!first || !lease) return undefined;
  const at = { device: first.mac, ip: lease.address, length: lease.prefixLength };
  return clashSentence(clients, at, devices.length - 1);
}
