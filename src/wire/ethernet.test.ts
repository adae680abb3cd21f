import { expect, test } from "vitest";
import { parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import { emitEthernet, parseEthernet } from "./ethernet.ts";

const header = [2, 0, 0x5e, 0x10, 0, 1, 2, 0, 0x5e, 0x10, 0, 2, 0x08, 0x06];
const frame = {
  destination: must(parseMac("02:00:5e:10:00:01")),
  source: must(parseMac("02:00:5e:10:00:02")),
  etherType: 0x0806,
  payload: Uint8Array.of(7, 8),
};

test("a frame is header and payload", () => {
  expect([...emitEthernet(frame)]).toEqual([...header, 7, 8]);
  expect(parseEthernet(Uint8Array.from([...header, 7, 8]))).toStrictEqual({ ok: true, value: frame });
});

test.each([
  ["a header cut short", header.slice(0, 13), "Ethernet: ends after 13 bytes, 14 needed"],
  ["nothing", [], "Ethernet: ends after 0 bytes, 6 needed"],
  ["IEEE 802.3", [...header.slice(0, 12), 0x05, 0xdc], "Ethernet: 1500 is a length, not an EtherType"],
])("%s is an error", (_, bytes, error) => {
  expect(parseEthernet(Uint8Array.from(bytes))).toStrictEqual({ ok: false, error });
});
