/** Devices as they stand in devices.json, kept while they are the same: of thousands only a few differ from one write to the next. */
import type { Mac } from "../../base/mac.ts";
import { formatWall } from "../../base/time.ts";
import { renderStoredDevice } from "../../config/state-file.ts";
import { type Device, lease6Of, leaseOf } from "../devices/device.ts";
import { type DeviceStatus, type Offered, reasonOf } from "../devices/status.ts";
import type { Moment } from "./moment.ts";
import { storeDevice } from "./stored-device.ts";

interface Kept {
  readonly device: Device;
  readonly status: DeviceStatus;
  readonly reason: string | undefined;
  /** Before and after the moment when it was last seen, which changes most often. */
  readonly head: string;
  readonly tail: string;
}

/** Milliseconds. Once the calendar's clock was set, or has drifted so far from ours, the moments in the texts are wrong. */
const tolerance = 1000;

export class DeviceTexts {
  #kept: ReadonlyMap<Mac, Kept> = new Map();
  /** Calendar less our own time when the texts were made. */
  #offset = Number.NaN;

  /** Keeps the texts of these devices and of no others. */
  render(
    devices: readonly (readonly [Device, DeviceStatus])[],
    m: Moment,
    offered?: Offered,
  ): ReadonlyMap<Mac, string> {
    const offset = m.wall - m.now;
    const timely = Math.abs(offset - this.#offset) <= tolerance;
    if (!timely) this.#offset = offset;
    const before = timely ? this.#kept : new Map<Mac, Kept>();
    const kept = new Map<Mac, Kept>();
    const texts = new Map<Mac, string>();
    for (const [device, status] of devices) {
      const reason = reasonOf(device, offered);
      const known = before.get(device.mac);
      const good = known?.status === status && known.reason === reason && isSame(known.device, device);
      const now = good ? known : { device, status, reason, ...halves(device, status, m, offered) };
      kept.set(device.mac, now);
      texts.set(device.mac, `${now.head}${formatWall(device.lastSeen)}${now.tail}`);
    }
    this.#kept = kept;
    return texts;
  }
}

/** But for status, reason and the moment when they were last seen. */
const isSame = (a: Device, b: Device): boolean =>
  a === b ||
  (a.lanIp === b.lanIp &&
    a.hostname === b.hostname &&
    a.fingerprint === b.fingerprint &&
    a.discoveredAt === b.discoveredAt &&
    leaseOf(a) === leaseOf(b) &&
    lease6Of(a) === lease6Of(b) &&
    a.ipv6.addresses === b.ipv6.addresses);

/** Quotes inside a value are escaped, so the key is found and nothing that a device calls itself. */
const mark = '\n      "last_seen": "';

function halves(
  device: Device,
  status: DeviceStatus,
  m: Moment,
  offered: Offered | undefined,
): { head: string; tail: string } {
  const text = renderStoredDevice(storeDevice(device, status, m, offered));
  const at = text.indexOf(mark) + mark.length;
  return { head: text.slice(0, at), tail: text.slice(at + formatWall(device.lastSeen).length) };
}
