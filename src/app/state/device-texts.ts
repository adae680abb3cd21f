/** Devices as they stand in devices.json, kept while they are the same: of thousands only a few differ from one write to the next. */
import type { Mac } from "../../base/mac.ts";
import { formatWall } from "../../base/time.ts";
import { renderDeviceLine } from "../../config/state-file.ts";
import { type Device, lease6Of, leaseOf } from "../devices/device.ts";
import { type DeviceStatus, type Offered, reasonOf } from "../devices/status.ts";
import type { Moment } from "./moment.ts";
import { storeDevice } from "./stored-device.ts";

interface Kept {
  readonly device: Device;
  readonly status: DeviceStatus;
  readonly reason: string | undefined;
  /** In UTF-8. */
  readonly line: Uint8Array;
  /** Where in it the moment stands when the device was last seen, which changes most often and is written over. */
  readonly seen: Uint8Array;
}

/** Milliseconds. Once the calendar's clock was set, or has drifted so far from ours, the moments in the texts are wrong. */
const tolerance = 1000;

const encoder = new TextEncoder();

export class DeviceTexts {
  #kept: ReadonlyMap<Mac, Kept> = new Map();
  /** The same devices by MAC. */
  #order: readonly Mac[] = [];
  /** Calendar less our own time when the texts were made. */
  #offset = Number.NaN;

  /** Keeps the texts of these devices and of no others. @returns a line each, by MAC; good until the next call */
  render(
    devices: readonly (readonly [Device, DeviceStatus])[],
    m: Moment,
    offered?: Offered,
  ): readonly Uint8Array[] {
    const offset = m.wall - m.now;
    const timely = Math.abs(offset - this.#offset) <= tolerance;
    if (!timely) this.#offset = offset;
    const before = this.#kept;
    const kept = new Map<Mac, Kept>();
    let isOrdered = devices.length === before.size;
    for (const [device, status] of devices) {
      const known = before.get(device.mac);
      if (!known) isOrdered = false;
      const reason = reasonOf(device, offered);
      const good = timely && known?.status === status && known.reason === reason;
      kept.set(
        device.mac,
        (good && follow(known, device)) || { device, status, reason, ...lineOf(device, status, m, offered) },
      );
    }
    this.#kept = kept;
    if (!isOrdered) this.#order = [...kept.keys()].sort();
    return this.#order.map((mac) => (kept.get(mac) as Kept).line);
  }
}

/** What is kept, where it still holds but for the moment when the device was last seen. */
function follow(known: Kept, device: Device): Kept | undefined {
  if (known.device === device) return known;
  if (!isSame(known.device, device)) return undefined;
  const seen = formatWall(device.lastSeen);
  if (seen.length !== known.seen.length) return undefined;
  encoder.encodeInto(seen, known.seen);
  return { ...known, device };
}

/** But for status, reason and that moment. */
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

function lineOf(
  device: Device,
  status: DeviceStatus,
  m: Moment,
  offered: Offered | undefined,
): Pick<Kept, "line" | "seen"> {
  const text = renderDeviceLine(storeDevice(device, status, m, offered));
  const line = encoder.encode(text);
  // Names of other alphabets stand before it: of them a character is not a byte.
  const at = encoder.encode(text.slice(0, text.indexOf(mark) + mark.length)).length;
  return { line, seen: line.subarray(at, at + formatWall(device.lastSeen).length) };
}
