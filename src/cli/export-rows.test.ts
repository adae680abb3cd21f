import fc from "fast-check";
import { expect, test } from "vitest";
import { mac } from "../plan/sample.fixture.ts";
import type { DeviceRow } from "./direct.ts";
import { exportRow, localVendor, renderCsv } from "./export-rows.ts";
import { vendorsOf } from "./vendors.ts";

const row = (change: Partial<DeviceRow>): DeviceRow => ({
  mac: "00:00:5e:00:53:01",
  hostname: null,
  lan4: "192.168.1.20",
  wan4: null,
  wan6: [],
  status: "active",
  reason: null,
  discoveredAt: null,
  lastSeen: null,
  notes: [],
  ...change,
});

const ieee = `OUI/MA-L                                                    Organization
company_id                                                  Organization

00-00-5E   (hex)\t\tICANN, IANA Department
00005E     (base 16)\t\tICANN, IANA Department
\t\t\t\tINTERNET CORPORATION
`;
const nmap =
  "# Prefix list\n00005E ICANN, IANA Department\n70B3D5 IEEE\n70B3D5F2F Some Maker\n8C1F64A Another\n";

test.each([
  ["00:00:5e:00:53:01", ieee, "ICANN, IANA Department"],
  ["00:00:5e:00:53:01", nmap, "ICANN, IANA Department"],
  ["70:b3:d5:f2:f1:02", nmap, "Some Maker"],
  ["70:b3:d5:00:01:02", nmap, "IEEE"],
  ["8c:1f:64:a0:00:01", nmap, "Another"],
  ["00:11:22:33:44:55", nmap, undefined],
  ["02:00:5e:00:53:01", nmap, undefined],
])("the maker of %s", (text, list, vendor) => {
  expect(vendorsOf(list, [mac(text)]).get(mac(text))).toBe(vendor);
});

test("rows for a spreadsheet: quoted, with no formulas, and randomised MACs named", () => {
  const vendors = vendorsOf(ieee, [mac("00:00:5e:00:53:01")]);
  const rows = [
    row({ hostname: 'cam, "one"', wan6: ["2001:db8::1", "2001:db8::2"] }),
    row({ mac: "02:00:5e:00:53:02", hostname: "=HYPERLINK(1)", status: "failed" }),
    row({ mac: "00:11:22:33:44:55", hostname: "a\nb" }),
  ].map((one) => exportRow(one, vendors));
  expect(renderCsv(rows).split("\r\n")).toEqual([
    "mac_address,hostname,vendor,status,ipv4_address,ipv4_wan_address,ipv6_address,discovered_at,last_seen",
    '00:00:5e:00:53:01,"cam, ""one""","ICANN, IANA Department",active,192.168.1.20,,"2001:db8::1,2001:db8::2",,',
    `02:00:5e:00:53:02,'=HYPERLINK(1),${localVendor},failed,192.168.1.20,,,,`,
    "00:11:22:33:44:55,a\\u{a}b,,active,192.168.1.20,,,,",
    "",
  ]);
});

test("whatever a device calls itself, no cell begins a formula and each row is one line", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"),
  );
  fc.assert(
    fc.property(text, (hostname) => {
      const csv = renderCsv([exportRow(row({ hostname }), new Map())]);
      expect(csv.split(/\r?\n/)).toHaveLength(3);
      expect(csv.split("\r\n")[1]).not.toMatch(/^[^,]*,"?[=+\-@\t\r]/);
    }),
    { numRuns: 2_000 },
  );
});
