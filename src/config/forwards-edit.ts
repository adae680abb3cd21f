/** Changing the manual forwards in their file, for whoever asks: the command line or the API. The daemon follows the file. */
import type { Interface4 } from "../base/cidr4.ts";
import { GatewayError } from "../base/errors.ts";
import { invalid, type Parsed } from "../base/parsed.ts";
import {
  addForward,
  type Holders,
  type ManualForward,
  nameOf,
  type Protocol,
  parseForwardsFile,
  removeForward,
  renderForwardsFile,
} from "./forwards-file.ts";
import type { Config } from "./schema.ts";

/** Where the forwards are kept. Whoever uses it sees to it that nobody else does at the same time. */
export interface ForwardStore {
  load(): Promise<string | undefined>;
  /** Errors: GatewayError "state-write-failed"; the old ones stay. */
  save(text: string): Promise<void>;
  /** Programs of this machine that listen where the LAN could reach them, by `TCP port 22` and the like. */
  listening(forwards: readonly ManualForward[], lan: Interface4): Promise<Holders>;
}

/** Errors: GatewayError "forward-refused" when the file cannot be used. */
export async function loadForwards(store: Pick<ForwardStore, "load">): Promise<readonly ManualForward[]> {
  const text = await store.load();
  if (text === undefined) return [];
  const parsed = parseForwardsFile(text);
  return orRefuse(parsed.ok ? parsed : invalid(`the file of forwards cannot be used: ${parsed.error}`));
}

/** All of them or none. @returns those that were there already. Errors: GatewayError "forward-refused", naming who has the port. */
export async function addForwards(
  config: Config,
  store: ForwardStore,
  wanted: readonly ManualForward[],
): Promise<readonly ManualForward[]> {
  const before = await loadForwards(store);
  const lan = config.lan.address;
  const holders = new Map([...(await store.listening(wanted, lan)), ...ownPorts(config)]);
  let list = before;
  for (const forward of wanted) list = orRefuse(addForward(list, forward, lan, holders));
  if (list !== before) await store.save(renderForwardsFile(list));
  return wanted.filter((f) => before.some((b) => nameOf(b) === nameOf(f)));
}

/** Errors: GatewayError "forward-refused" when it is not there. */
export async function dropForward(store: ForwardStore, forward: ManualForward): Promise<void> {
  await store.save(renderForwardsFile(orRefuse(removeForward(await loadForwards(store), forward))));
}

/** What the gateway itself answers, or is answered, on its LAN address and on the identities. */
function ownPorts({ api, proxy }: Config): Holders {
  const own: (readonly [Protocol, number, string])[] = [
    ["tcp", 53, "the gateway's name server"],
    ["udp", 53, "the gateway's name server"],
    ["udp", 67, "DHCP"],
    ["udp", 68, "DHCP"],
    ["udp", 546, "DHCPv6"],
    ["udp", 547, "DHCPv6"],
    ["tcp", api.port, "the gateway's API (api.port)"],
    ["tcp", proxy.stats_port, "the proxy's statistics page (proxy.stats_port)"],
  ];
  return new Map(own.map(([protocol, port, holder]) => [nameOf({ protocol, port }), holder]));
}

function orRefuse<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw new GatewayError("forward-refused", "operator", parsed.error);
}
