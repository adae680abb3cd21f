/** From sightings on the LAN to devices that may have an identity. */
import { type Cidr4, contains, type Interface4, lastAddress, networkOf } from "../../base/cidr4.ts";
import type { Ip4 } from "../../base/ip4.ts";
import { isLocalMac, type Mac } from "../../base/mac.ts";
import { between, seconds } from "../../base/time.ts";
import type { Fingerprint } from "../../machine/dhcp4/interface.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Sighting } from "../discovery/lan-frames.ts";
import { blank, type Device } from "./device.ts";
import type { Registry } from "./registry.ts";

export interface IntakeParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly lan: Interface4;
  /** Why this MAC must not get an identity. */
  readonly refusal: (mac: Mac) => string | undefined;
  /** Asks for the device's turn; calls back when it has come. */
  readonly admit: (mac: Mac) => void;
  /** Asks on the LAN whether the device is there; its answer is a sighting. */
  readonly askAfter: (mac: Mac, ip: Ip4) => void;
}

/** A device that is heard all the time is written down no more often than this. */
const seenGrain = seconds(1);
/** More refused MACs than this are not kept: whoever invents MACs must not fill our memory. */
const mostRefused = 1000;

export class Intake {
  readonly #parts: IntakeParts;
  readonly #net: Cidr4;
  /** Addresses of the LAN that are no device's: the network's, the broadcast's and our own. */
  readonly #taken: ReadonlySet<Ip4>;
  #refused = 0;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    const { lan } = parts;
    this.#net = networkOf(lan.ip, lan.length);
    this.#taken = new Set([this.#net.address, lastAddress(this.#net), lan.ip]);
    parts.registry.listen((now, was) => {
      this.#refused += Number(now?.stage.tag === "refused") - Number(was?.stage.tag === "refused");
    });
  }

  /** Devices that have or await an identity. */
  get served(): number {
    return this.#parts.registry.size - this.#refused;
  }

  take(sighting: Sighting): void {
    const known = this.#parts.registry.get(sighting.mac);
    if (known) this.#update(known, sighting);
    else if (sighting.alive) this.#discover(sighting);
    else this.#ask(sighting);
  }

  /** Leases and stale neighbour entries outlive their devices: one that was just forgotten must not come back by them. */
  #ask({ mac, ip }: Sighting): void {
    const lanIp = this.#lanIp(ip);
    if (lanIp) this.#parts.askAfter(mac, lanIp);
  }

  #lanIp(ip: Ip4 | undefined): Ip4 | undefined {
    return ip && contains(this.#net, ip) && !this.#taken.has(ip) ? ip : undefined;
  }

  #discover(sighting: Sighting): void {
    const { clock, registry, log, refusal, admit } = this.#parts;
    const { mac, hostname } = sighting;
    const reason = refusal(mac);
    if (reason && this.#refused >= mostRefused) return;
    const lanIp = this.#lanIp(sighting.ip);
    registry.put({
      mac,
      ...(lanIp ? { lanIp } : {}),
      ...(hostname ? { hostname } : {}),
      fingerprint: sighting.fingerprint ?? {},
      discoveredAt: clock.wall(),
      lastSeen: clock.wall(),
      lastSeenAt: clock.now(),
      stage: reason ? { tag: "refused", reason } : { tag: "pending" },
      ...blank,
    });
    const facts = { mac, ip: lanIp, hostname, by: sighting.how };
    if (reason) {
      log.warn(`Device ${mac} ${reason}`, facts);
      return;
    }
    log.info(`New device discovered: ${mac}`, facts);
    if (isLocalMac(mac))
      log.info(
        `Device ${mac} has a locally administered MAC, perhaps a random one: it cannot be registered beforehand`,
      );
    admit(mac);
  }

  /** What others remember of it fills a gap, but only the device itself moves to another address. */
  #newLanIp(known: Device, { ip, alive }: Sighting): Ip4 | undefined {
    const lanIp = this.#lanIp(ip);
    const free = lanIp && !known.lanIp && this.#parts.registry.holder(lanIp) === undefined;
    return alive || free ? lanIp : undefined;
  }

  #update(known: Device, sighting: Sighting): void {
    const { clock, registry, refusal, admit, log } = this.#parts;
    const lanIp = this.#newLanIp(known, sighting) ?? known.lanIp;
    const hostname = sighting.hostname ?? known.hostname;
    const fingerprint = betterFingerprint(known.fingerprint, sighting.fingerprint);
    const stale = sighting.alive && between(known.lastSeenAt, clock.now()) >= seenGrain;
    const pardoned = known.stage.tag === "refused" && stale && refusal(known.mac) === undefined;
    if (lanIp === known.lanIp && hostname === known.hostname && fingerprint === known.fingerprint && !stale)
      return;
    registry.put({
      ...known,
      ...(lanIp ? { lanIp } : {}),
      ...(hostname ? { hostname } : {}),
      fingerprint,
      ...(stale ? { lastSeen: clock.wall(), lastSeenAt: clock.now() } : {}),
      ...(pardoned ? { stage: { tag: "pending" } as const } : {}),
    });
    if (lanIp && lanIp !== known.lanIp)
      log.info(`Device ${known.mac} has LAN address ${lanIp}`, { was: known.lanIp });
    if (pardoned) admit(known.mac);
  }
}

/** The newest that tells something; the same object when nothing changed. */
function betterFingerprint(known: Fingerprint, seen: Fingerprint | undefined): Fingerprint {
  if (!seen || Object.keys(seen).length === 0) return known;
  const merged = { ...known, ...seen };
  return JSON.stringify(plain(merged)) === JSON.stringify(plain(known)) ? known : merged;
}

const plain = (f: Fingerprint): unknown => [
  f.hostName,
  f.parameterList,
  f.maxMessageSize,
  f.vendorClass && [...f.vendorClass],
  f.clientId && [...f.clientId],
];
