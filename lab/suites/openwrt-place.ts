/** An OpenWrt to install on, with the system's own DHCP and DNS server. */
import { expect } from "vitest";
import type { RunResult } from "../exec.ts";
import type { Root } from "../root.ts";
import type { Lab } from "../topology.ts";
import { createRoot, needs, unpackArchive } from "./install.ts";
import { bridgeLan, furnish, serveLan } from "./openwrt.ts";

const uciFiles = ["dhcp", "firewall", "network"].map((name) => `etc/config/${name}`);

export interface Place {
  readonly root: Root;
  readonly archive: string;
  readonly before: readonly string[];
  readonly uci: () => Promise<readonly string[]>;
  readonly install: (from?: string, ...options: readonly string[]) => Promise<RunResult>;
}

export async function openWrt(
  lab: Lab,
  prepare: (root: Root) => Promise<void> = async () => {},
): Promise<Place> {
  await bridgeLan(lab);
  const root = await createRoot(lab, { flavour: "busybox", programs: needs });
  await furnish(root, "24.10");
  await serveLan(root);
  await prepare(root);
  const archive = await unpackArchive(lab, root);
  expect((await root.run(["/etc/init.d/dnsmasq", "start"])).code).toBe(0);
  return {
    root,
    archive,
    before: await root.tree(),
    uci: () => Promise.all(uciFiles.map((file) => root.read(file))),
    install: (from = archive, ...options) =>
      root.run([`${from}/install.sh`, "--full-auto", ...options], { GATEWAY_START_SECONDS: "20" }),
  };
}

/** What systemDnsmasq says of one that is well. */
export const runningDnsmasq = { code: "0", runs: true };
