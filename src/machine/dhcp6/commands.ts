/** What the app asks of a client, in whichever state it is. */
import { isRoutableIp6 } from "../../base/ip6.ts";
import { beginRow } from "./attempts.ts";
import { beginErrand } from "./errands.ts";
import { askForRenewal, confirm, drop, giveUp, hold } from "./hold.ts";
import type { Dhcp6Input, Dhcp6Mode } from "./interface.ts";
import type { Lease6 } from "./lease.ts";
import {
  first,
  type HeldState,
  ignored,
  type Main,
  type Scene,
  stopped,
  type Transition,
  to,
} from "./state.ts";
import { crowdDelay } from "./stateless.ts";

function modeOf(main: Main): Dhcp6Mode | undefined {
  if (main.tag === "stopped") return undefined;
  if (main.tag === "informed") return "stateless";
  return "held" in main ? "stateful" : main.row.mode;
}

/** Whether `start` would change anything. */
export const startsAnew = (main: Main, mode: Dhcp6Mode): boolean => modeOf(main) !== mode;

export function start(main: Main, input: Extract<Dhcp6Input, { kind: "start" }>, scene: Scene): Transition {
  const { mode, stored } = input;
  if (!startsAnew(main, mode)) return to(main);
  const begun = mode === "stateful" && stored !== undefined ? adopt(stored, scene) : beginRow(mode, scene);
  return first(release(main, scene), begun);
}

/** A lease from before a restart is used at once, so that nothing is dropped while it is verified. */
function adopt(stored: Lease6, scene: Scene): Transition {
  const { now, env } = scene;
  const current = stored.addresses.filter((a) => a.validUntil > now && isRoutableIp6(a.address));
  const addresses = current.filter(({ address }) => env.refuse(address) === undefined);
  if (addresses.length > 0) {
    const lease = { ...stored, addresses };
    return first([{ kind: "configure", lease }], confirm(hold(lease, undefined, now), scene));
  }
  const begun = beginRow("stateful", scene);
  const [refused] = current;
  if (refused === undefined) return begun;
  const reason = `stored lease of ${refused.address} not used: ${env.refuse(refused.address)}`;
  return first(ignored(begun.main, reason).effects, begun);
}

/** The addresses go before their RELEASE does (RFC 8415 section 18.2.7). */
export function release(main: Main, scene: Scene): Transition {
  if (!("held" in main)) return to(stopped);
  const { serverId } = main.held.lease;
  const addresses = main.held.lease.addresses.map(({ address }) => address);
  const errand = beginErrand("release", addresses, serverId, scene);
  return first(
    [{ kind: "deconfigure" }],
    first(errand, to(stopped, [{ kind: "event", event: { kind: "released", addresses } }])),
  );
}

/** Only `start` leaves the stopped state: a change of the network is no reason to come back for a forgotten device. */
export function onLinkChanged(main: Main, scene: Scene): Transition {
  if ("held" in main) return confirm(main.held, scene, crowdDelay(scene));
  const mode = modeOf(main);
  if (mode === undefined) return to(main);
  return mode === "stateful" ? beginRow(mode, scene) : beginRow(mode, scene, crowdDelay(scene));
}

export function onMoved(main: Main, scene: Scene): Transition {
  const mode = modeOf(main);
  if (mode === undefined) return to(main);
  const begun = beginRow(mode, scene);
  return "held" in main ? first(drop(main.held.lease, "the WAN is another network now"), begun) : begun;
}

export function onRetry(main: Main, scene: Scene): Transition {
  if ("held" in main) return askNow(main, scene);
  const mode = modeOf(main);
  return mode === undefined ? to(main) : beginRow(mode, scene);
}

function askNow(state: HeldState, scene: Scene): Transition {
  const { held } = state;
  if (state.tag === "confirming") return confirm(held, scene);
  return askForRenewal(scene.now < held.lease.rebindAt ? "renewing" : "rebinding", held, scene);
}

/** The kernel's word on an address (RFC 8415 section 18.2.8, RFC 4862 section 5.4). */
export function onDad(main: Main, input: Extract<Dhcp6Input, { kind: "dad" }>, scene: Scene): Transition {
  const { address, duplicate } = input;
  if (!("held" in main) || !main.held.lease.addresses.some((a) => a.address === address)) return to(main);
  if (!duplicate) return to({ ...main, held: { ...main.held, row: undefined } });
  return first([{ kind: "event", event: { kind: "conflict", address } }], giveUp(main, address, scene));
}
