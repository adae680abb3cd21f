import { expect, test } from "vitest";
import { deviceAt, leaseAt, printer, serving } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { minutes, seconds, wallPlus, wallTime } from "../../base/time.ts";
import { joinStateFile, renderStateFile } from "../../config/state-file.ts";
import type { Device } from "../devices/device.ts";
import type { DeviceStatus } from "../devices/status.ts";
import { DeviceTexts } from "./device-texts.ts";
import type { Moment } from "./moment.ts";
import { storeDevice } from "./stored-device.ts";

const clock = new FakeClock();
const moment = (): Moment => ({ now: clock.now(), wall: clock.wall() });
const offered = { ipv4: true, ipv6: true };
type Rows = readonly (readonly [Device, DeviceStatus])[];

const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** Without anything kept. */
const fresh = (rows: Rows, m: Moment): string =>
  renderStateFile({
    writtenAt: m.wall,
    network: null,
    devices: new Map(rows.map(([d, status]) => [d.mac, storeDevice(d, status, m, offered)])),
  });
const kept = (texts: DeviceTexts, rows: Rows, m: Moment): string =>
  decode(joinStateFile(m.wall, null, texts.render(rows, m, offered)));

const one: Device = {
  ...deviceAt(clock, serving(leaseAt(clock.now()))),
  hostname: 'Küche 厨房\n      "last_seen": "2001',
};
const other = deviceAt(clock, { mac: printer });

test("the file is the same as if nothing were kept, whatever changes", () => {
  const texts = new DeviceTexts();
  const steps: Rows[] = [
    [],
    [
      [one, "active"],
      [other, "pending"],
    ],
    [
      [one, "inactive"],
      [{ ...other, lastSeen: wallPlus(other.lastSeen, minutes(60)) }, "pending"],
    ],
    [
      [{ ...other, lastSeen: wallPlus(other.lastSeen, minutes(90)) }, "pending"],
      [{ ...one, lastSeen: wallPlus(one.lastSeen, minutes(2)) }, "inactive"],
    ],
    [[{ ...one, lastSeen: wallTime(253_402_300_800_000) }, "inactive"]],
    [[{ ...one, hostname: "b" }, "active"]],
    [[{ ...one, ...serving(leaseAt(clock.now(), { mtu: 1400 })) }, "active"]],
    [[{ ...one, stage: { tag: "refused", reason: "refused: …" } }, "failed"]],
    [[{ ...one, ipv6: { ...one.ipv6, dhcp: { tag: "failed", reason: "no answer" } } }, "active"]],
    [[{ ...one, fingerprint: { hostName: "c" } }, "active"]],
    [[one, "active"]],
  ];
  for (const rows of steps) expect(kept(texts, rows, moment())).toBe(fresh(rows, moment()));
});

test("small steps of the calendar change no text, a clock that is set does", () => {
  const texts = new DeviceTexts();
  const rows: Rows = [[one, "active"]];
  const [first] = texts.render(rows, moment(), offered);
  const drifted = { now: clock.now(), wall: wallPlus(clock.wall(), seconds(0.4)) };
  expect(texts.render(rows, drifted, offered)[0]).toBe(first);
  const set = { now: clock.now(), wall: wallPlus(clock.wall(), minutes(5)) };
  expect(kept(texts, rows, set)).toBe(fresh(rows, set));
  expect(texts.render(rows, set, offered)[0]).not.toBe(first);
});
