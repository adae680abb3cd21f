import type { Running } from "../exec.ts";
import { projectFile } from "../paths.ts";
import type { DhcpPlace } from "./dhcp-server.ts";
import type { RaOptions } from "./ra-server.ts";

const program = projectFile("lab/programs/pref64.mjs");
/** The bits of RFC 4191 section 2.2. */
const preferences = { low: 3, medium: 0, high: 1 } as const;

/** radvd has no PREF64 before 2.20, dnsmasq none at all: it comes in advertisements of its own (RFC 4861 section 6.2.3 allows several). */
export function startPref64(
  { namespace, interface: ifname }: DhcpPlace,
  { pref64, managed, other, preference, routerLifetime }: RaOptions,
  onLine: (line: string) => void,
): Running | undefined {
  if (pref64 === undefined) return undefined;
  const flags = (managed ? 0x80 : 0) | (other ? 0x40 : 0) | (preferences[preference] << 3);
  const argv = [process.execPath, program, ifname, pref64, String(flags), String(routerLifetime)];
  return namespace.start(argv, { onLine });
}
