/** Keeps in our table how a port was, before it is changed. */
import { type Memory, portKey, rememberIpv6, rememberPort } from "../../plan/port-memory.ts";
import type { Port } from "../../plan/resource.ts";
import { hasIpv6Key } from "../../plan/sysctls.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { saveScript } from "./save-script.ts";

const keep = async (kernel: Kernel, memory: Memory): Promise<void> => {
  const script = [...memory].map(([key, value]) => saveScript(key, value)).join("");
  if (script !== "") await kernel.nft(script);
};

/** Once for all times: what is found later is our own doing, or somebody's who met us. Errors: GatewayError "nft-failed". */
export async function keepPort(kernel: Kernel, was: Port, saved: Memory): Promise<void> {
  if (!saved.has(portKey(was.ifname, "state"))) await keep(kernel, rememberPort(was));
}

/**
 * Before IPv6 is turned off on a silent port; `tell` hears what is lost and whether it comes back. Only what is there before our first
 * change is kept: later there may be two truths about the same address.
 */
export async function keepIpv6(
  kernel: Kernel,
  ifname: string,
  saved: Memory,
  tell: (sentence: string) => void,
): Promise<void> {
  const [addresses, routes] = await kernel.ipShow(6, [
    ["address", "show", "dev", ifname],
    ["route", "show", "table", "all", "dev", ifname],
  ]);
  const { entries, shown, tooLong } = rememberIpv6(ifname, addresses, routes);
  const isFirst = !saved.has(hasIpv6Key(ifname));
  if (isFirst) await keep(kernel, entries);
  const back = isFirst ? shown : [];
  const lost = isFirst ? tooLong : [...shown, ...tooLong];
  const why = `${ifname} is silent (wan.own_mac) and has no IPv6 while the gateway is there:`;
  if (back.length > 0) tell(`${why} ${back.join(", ")} goes, and "gateway cleanup" puts it back`);
  if (lost.length > 0)
    tell(`${why} ${lost.join(", ")} goes, and has to be configured anew after "gateway cleanup"`);
}
