/** Keeps what we send under what access switches tolerate: 15 ARP or DHCP packets a second, or the port is shut; and under what servers do. */
import { seconds } from "../../base/time.ts";
import type { Clock } from "../../ports/clock.ts";
import { ExchangeWindow } from "./exchange-window.ts";
import { type Exchange, Lane, type Queueing, type Servers } from "./lane.ts";
import type { Pace } from "./pace.ts";

export type { Exchange, Queueing } from "./lane.ts";

/** `nd`: neighbour discovery (ICMPv6). */
export type FrameKind = "arp" | "nd" | "dhcp";

/** A device whose interface takes longer than this no longer holds up the next. */
const setUpWithin = seconds(5);

export interface Pacer {
  /** Sends now or when the rate allows: by rank, and in order within one. Without `queueing` nothing is passed over. */
  send(kind: FrameKind, frame: () => void, queueing?: Queueing): void;
  /** A server answered this question. */
  answered(exchange: Exchange): void;
  /** The kernel sends so many frames of its own in an identity's name: ours wait for them. */
  spend(kind: FrameKind, count: number): void;
  /** Begins a device's acquisition when it is its turn. `done`: its first questions are asked, or there are none. */
  admit(begin: (done: () => void) => void): void;
  /** How many questions may be open at the servers of each family, and how many are. */
  readonly windows: Readonly<Record<Servers, Pick<ExchangeWindow, "size" | "open">>>;
  /** Forgets all that still waits. */
  stop(): void;
}

export function makePacer(clock: Clock, pace: Pace): Pacer {
  /** Devices between their turn and their first question. */
  const preparing = new Set<symbol>();
  const window = (): ExchangeWindow =>
    new ExchangeWindow({ clock, most: pace.exchanges, onRoom: () => lanes.dhcp.drain() });
  const windows: Readonly<Record<Servers, ExchangeWindow>> = { DHCPv4: window(), DHCPv6: window() };
  const lanes: Readonly<Record<FrameKind, Lane>> = {
    arp: new Lane({ clock, rate: pace.arp }),
    nd: new Lane({ clock, rate: pace.nd }),
    dhcp: new Lane({
      clock,
      rate: pace.dhcp,
      gate: (rank, servers) => rank === "now" || servers === "nobody" || windows[servers].hasRoom,
    }),
  };
  // Where devices are paced, those whose interfaces do not come must not pile up and come all at once.
  const atOnce = pace.devices ? 2 * pace.devices.burst : Number.POSITIVE_INFINITY;
  const devices = new Lane({ clock, rate: pace.devices, gate: () => preparing.size < atOnce });
  const begin = (task: (done: () => void) => void): void => {
    const place = Symbol();
    const done = (): void => {
      cancel();
      if (preparing.delete(place)) devices.drain();
    };
    preparing.add(place);
    const cancel = clock.after(setUpWithin, done);
    task(done);
  };
  return {
    send: (kind, frame, queueing) => {
      const { exchange } = queueing ?? {};
      const ask =
        ({ servers, id }: Exchange) =>
        (): void => {
          windows[servers].asked(id);
          frame();
        };
      lanes[kind].push(exchange ? ask(exchange) : frame, queueing);
    },
    windows,
    answered: ({ servers, id }) => windows[servers].answered(id),
    spend: (kind, count) => lanes[kind].spend(count),
    admit: (task) => devices.push(() => begin(task)),
    stop: () => {
      for (const window of Object.values(windows)) window.stop();
      for (const lane of [...Object.values(lanes), devices]) lane.stop();
      preparing.clear();
    },
  };
}
