/** What leaves the WAN port while `gateway diagnose` asks. Part of the composition root. */
import { messageOf } from "../base/errors.ts";
import type { Mac } from "../base/mac.ts";
import { type Facts, isUnseen, type LeavingFacts, type Seen } from "../diagnose/facts.ts";
import { systemKernel } from "../io/kernel/kernel.ts";
import { openPacketLinks } from "../io/packet/links.ts";
import { hearLeaving } from "../io/probe/leaving.ts";
import { list, mac, text } from "../plan/json-fields.ts";
import { identityMac } from "../plan/marks.ts";
import { portState } from "../plan/port-state.ts";
import { arpAnswers, type Sight } from "./diagnose-probes.ts";

export type OnTheWire = Pick<Facts, "arpAnswers" | "leaving">;

const listenMs = 2_500;

/** Asks the routers in the identities' names, and listens meanwhile whether that leaves, and what else does. Never rejects. */
export async function onTheWire(sight: Sight, all: boolean): Promise<OnTheWire> {
  const blind = async (unseen: string): Promise<OnTheWire> => ({
    arpAnswers: await arpAnswers(sight, all),
    leaving: { unseen },
  });
  const { kernel, config } = sight;
  const wan = config.wan.interface;
  if (isUnseen(kernel)) return blind(kernel.unseen);
  const port = kernel.ports.get(wan);
  if (portState(port) !== "up") return blind(`${wan} is not up: nothing leaves there.`);
  const own = config.wan.own_mac === "use" && port?.mac ? [port.mac] : [];
  const known = [...own, ...identityMacs(kernel.resources)];
  try {
    const links = openPacketLinks({ hearsOwn: true });
    const heard = await hearLeaving(links, wan, known, listenMs, () => arpAnswers(sight, all));
    return { arpAnswers: heard.result, leaving: await judge(sight, known, heard) };
  } catch (thrown) {
    return blind(`What leaves ${wan} cannot be heard: ${messageOf(thrown)}.`);
  }
}

type Heard = Awaited<ReturnType<typeof hearLeaving<OnTheWire["arpAnswers"]>>>;

/** Devices that came or went meanwhile are none that nobody knows. */
async function judge(
  { state }: Sight,
  before: readonly Mac[],
  { result, seconds, strangers, spoke }: Heard,
): Promise<Seen<LeavingFacts>> {
  const known = new Set([...before, ...(await identitiesNow()), ...state.devices.map((d) => d.mac_address)]);
  const asked = isUnseen(result) ? [] : result.map((answer) => answer.mac);
  return {
    seconds,
    strangers: strangers.filter((s) => !known.has(s.mac)),
    asked,
    silent: asked.filter((address) => !spoke.has(address)),
  };
}

const identityMacs = (resources: Extract<Sight["kernel"], object & { resources: unknown }>["resources"]) =>
  resources.flatMap((r) => (r.kind === "identity" ? [r.mac] : []));

async function identitiesNow(): Promise<readonly Mac[]> {
  const links = list(await systemKernel.ipJson(["link", "show"]));
  return links.flatMap((link) => (identityMac(text(link.ifname)) ? (mac(link.address) ?? []) : []));
}
