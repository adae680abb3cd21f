/** All that is done about the routers of the WAN: hearing, asking, missing them. */
import type { Cidr6 } from "../../base/cidr6.ts";
import { type Ip6, isLinkLocal } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Rng } from "../../base/rng.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { NdFrame } from "../../wire/nd/message.ts";
import { type Network6, networkText, nothingHeard } from "./network.ts";
import { RouterTable } from "./router-table.ts";
import { type Asker6, RouterWatch6 } from "./router-watch6.ts";
import { Solicitor } from "./solicitor.ts";

export interface Routers6Parts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly send: (frame: NdFrame) => void;
  /** See RouterWatch6. */
  readonly asker: (preferred: Mac | undefined) => Asker6 | undefined;
  readonly onNetwork: (now: Network6, was: Network6) => void;
  /** Whether the identity has an address of one of these prefixes, or cannot have one. */
  readonly served: (mac: Mac, prefixes: readonly Cidr6[]) => boolean;
  /** See Solicitor. */
  readonly othersCome: () => boolean;
  /** Which addresses hold on the link may be known better now. */
  readonly onSurer: () => void;
}

const tooMany =
  "More IPv6 routers and prefixes are advertised on the WAN than any network has: the first 16 are used, the others ignored; somebody may be flooding it";

export class Routers6 {
  readonly #parts: Routers6Parts;
  readonly #table = new RouterTable();
  readonly #watch: RouterWatch6;
  readonly #solicitor: Solicitor;
  #network = nothingHeard;
  #timer: Cancel | undefined;

  constructor(parts: Routers6Parts) {
    this.#parts = parts;
    this.#watch = new RouterWatch6({
      ...parts,
      routers: () => this.#table.routers(),
      onSilent: (router) => {
        this.#table.silenced(router);
        this.#settle();
      },
    });
    this.#solicitor = new Solicitor({
      ...parts,
      routerKnown: () => this.#network.routers.length > 0,
      served: (mac) => parts.served(mac, this.#network.autonomous),
    });
  }

  network(): Network6 {
    return this.#network;
  }

  /** Whether an address belongs to a prefix that is known to hold on the link as it is now. */
  vouchFor(address: Ip6): boolean {
    return this.#table.vouchesFor(address);
  }

  /** Whether the routers that are there have had the time to say so. */
  get areSettled(): boolean {
    return this.#network.heard && !this.#table.suspects;
  }

  /** An identity came up, and has to hear an advertisement. */
  want(mac: Mac): void {
    this.#solicitor.want(mac);
  }

  drop(mac: Mac): void {
    this.#solicitor.drop(mac);
  }

  seed(prefixes: readonly Cidr6[]): void {
    this.#table.seed(prefixes, this.#parts.clock.now());
    this.#settle();
  }

  linkChanged(): void {
    this.#table.suspectAll(this.#parts.clock.now());
    this.#watch.askAll();
    this.#solicitor.again();
    this.#settle();
  }

  /**
   * What a station of the WAN said.
   * @param isOurs whether a MAC is an identity's: then the frame may answer what was asked in its name
   */
  heard({ source, sourceMac, destinationMac, message }: NdFrame, isOurs: (mac: Mac) => boolean): void {
    const now = this.#parts.clock.now();
    if (message.kind === "router-advert") {
      if (!isLinkLocal(source)) return;
      const doubtful = this.#table.heard(source, sourceMac, message, now);
      this.#solicitor.heard();
      if (doubtful) this.#solicitor.again();
      this.#watch.heard(source);
    } else {
      const isAnswer = message.kind === "neighbour-advert";
      const router = isAnswer ? message.target : source;
      // A virtual router may speak from a MAC that is not the one to answer to.
      const said = isAnswer ? message.targetMac : "sourceMac" in message ? message.sourceMac : undefined;
      const mac = said ?? sourceMac;
      const known = this.#table.macOf(router);
      // Without Override it does not speak against what is known (RFC 4861 section 7.2.5).
      if (!known || (isAnswer && !message.override && mac !== known)) return;
      this.#table.answered(router, mac, now);
      this.#watch.heard(router, isAnswer && isOurs(destinationMac) ? destinationMac : undefined);
    }
    this.#settle();
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#watch.stop();
    this.#solicitor.stop();
  }

  #settle(): void {
    const { clock, log, onNetwork, onSurer } = this.#parts;
    const now = clock.now();
    this.#table.expire(now);
    const was = this.#network;
    this.#network = this.#table.view(now);
    this.#timer?.();
    this.#timer = clock.at(this.#table.nextAt(now), () => this.#settle());
    this.#watch.sync();
    onSurer();
    if (networkText(was) === networkText(this.#network)) return;
    if (was.ignored.length === 0 && this.#network.ignored.length > 0) log.warn(tooMany);
    this.#solicitor.check();
    onNetwork(this.#network, was);
  }
}
