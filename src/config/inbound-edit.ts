/** Changing which devices are open as a whole, in their file. The daemon follows the file. */
import { GatewayError } from "../base/errors.ts";
import type { Ip4 } from "../base/ip4.ts";
import { invalid, type Parsed } from "../base/parsed.ts";
import { refuseAddress } from "./forwards-file.ts";
import {
  choose,
  type Inbound,
  type InboundChoice,
  parseInboundFile,
  renderInboundFile,
  unchoose,
} from "./inbound-file.ts";
import type { Config } from "./schema.ts";

/** Where the choices are kept. Whoever uses it sees to it that nobody else does at the same time. */
export interface InboundStore {
  load(): Promise<string | undefined>;
  /** Errors: GatewayError "state-write-failed"; the old ones stay. */
  save(text: string): Promise<void>;
}

/** Errors: GatewayError "forward-refused" when the file cannot be used. */
export async function loadInbound(store: Pick<InboundStore, "load">): Promise<readonly InboundChoice[]> {
  const text = await store.load();
  if (text === undefined) return [];
  const parsed = parseInboundFile(text);
  return orRefuse(parsed.ok ? parsed : invalid(`the file of open devices cannot be used: ${parsed.error}`));
}

/** @returns whether anything changed. Errors: GatewayError "forward-refused": no device can have the address */
export async function setInbound(
  config: Config,
  store: InboundStore,
  { address, inbound, from }: InboundChoice,
): Promise<boolean> {
  const why = refuseAddress(address, config.lan.address);
  if (why !== undefined) throw new GatewayError("forward-refused", "operator", why);
  const before = await loadInbound(store);
  const list = isDefault(config, inbound, from)
    ? unchoose(before, address)
    : orRefuse(choose(before, { address, inbound, from }));
  if (list === before) return false;
  await store.save(renderInboundFile(list));
  return true;
}

/** What the configuration says anyway needs no word. */
const isDefault = (
  { forwards }: Config,
  inbound: Inbound,
  from: readonly Ip4[] | readonly string[],
): boolean => forwards.inbound === inbound && (inbound === "ports" || from.length === 0);

function orRefuse<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw new GatewayError("forward-refused", "operator", parsed.error);
}
