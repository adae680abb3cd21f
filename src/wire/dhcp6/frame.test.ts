import { expect, test } from "vitest";
import { allDhcpServers, linkLocalOf, multicastMac } from "../../base/ip6.ts";
import { parseMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { duidLl } from "./duid.ts";
import { type Dhcp6Frame, dhcp6Ports, emitDhcp6Frame, parseDhcp6Frame } from "./frame.ts";
import { dnsmasqNoAddrs, dnsmasqReply, keaAdvertise, keaNoAddrs, keaNotOnLink } from "./frames.fixture.ts";

const server = must(parseMac("02:00:5e:00:00:fe"));
const client = must(parseMac("02:00:5e:10:00:01"));
const iaid = 0x5e100001;
const duidEn = Uint8Array.of(0, 2, 0, 0, 0, 1, 2, 0, 0x5e, 0, 0, 0xfe);

test("an ADVERTISE of Kea", () => {
  expect(parseDhcp6Frame(keaAdvertise)).toStrictEqual({
    ok: true,
    value: {
      sourceMac: server,
      destinationMac: client,
      source: "fe80::5eff:fe00:fe",
      destination: "fe80::5eff:fe10:1",
      sourcePort: dhcp6Ports.server,
      destinationPort: dhcp6Ports.client,
      message: {
        type: "advertise",
        xid: 0x101,
        options: {
          clientId: duidLl(client),
          serverId: duidLl(server),
          iaNa: [
            {
              iaid,
              t1: 900,
              t2: 1440,
              addresses: [{ address: "2001:db8:5::1000", preferred: 1800, valid: 3600 }],
            },
          ],
          dnsServers: ["2001:db8:5::53", "2001:db8:5::54"],
          domainSearch: ["cam.example", "example.net"],
          informationRefresh: 86_400,
          fqdn: { flags: 6, name: "cam", absolute: true },
          ntpServers: ["2001:db8:5::123"],
          solMaxRt: 7200,
        },
        unknown: [],
        malformed: [],
      },
    },
  });
});

test("a REPLY of dnsmasq", () => {
  const { message } = must(parseDhcp6Frame(dnsmasqReply));
  expect(message).toStrictEqual({
    type: "reply",
    xid: 0x102,
    options: {
      clientId: duidLl(client),
      serverId: duidEn,
      iaNa: [
        {
          iaid,
          t1: 1800,
          t2: 3150,
          addresses: [{ address: "2001:db8:5::1000", preferred: 3600, valid: 3600 }],
        },
      ],
      status: { code: 0, text: "success" },
      ntpServers: ["2001:db8:5::123", "2001:db8:5::124"],
      domainSearch: ["cam.example", "example.net"],
      dnsServers: ["2001:db8:5::53"],
      fqdn: { flags: 1, name: "cam.cam.example", absolute: true },
    },
    unknown: [],
    malformed: [],
  });
});

test("statuses of messages and of IAs", () => {
  const notOnLink = must(parseDhcp6Frame(keaNotOnLink)).message.options;
  expect(notOnLink.status).toStrictEqual({ code: 4, text: "Address 2001:db8:77::1 is not on link." });
  expect(notOnLink).not.toHaveProperty("iaNa");

  const { iaNa, status } = must(parseDhcp6Frame(keaNoAddrs)).message.options;
  expect(status).toBeUndefined();
  expect(iaNa).toStrictEqual([
    {
      iaid: 0x5e100002,
      t1: 0,
      t2: 0,
      addresses: [{ address: "2001:db8:5::1000", preferred: 0, valid: 0 }],
      status: { code: 2, text: "Sorry, no addresses could be assigned at this time." },
    },
  ]);

  const none = must(parseDhcp6Frame(dnsmasqNoAddrs)).message.options;
  expect(none.rapidCommit).toBe(true);
  expect(none.status).toStrictEqual({ code: 2, text: "no addresses available" });
  expect(none.iaNa).toStrictEqual([
    {
      iaid: 0x5e100003,
      t1: 0xffffffff,
      t2: 0xffffffff,
      addresses: [],
      status: { code: 2, text: "address unavailable" },
    },
  ]);
});

test.each([
  ["an ADVERTISE of Kea", keaAdvertise],
  ["NotOnLink", keaNotOnLink],
  ["NoAddrsAvail of Kea", keaNoAddrs],
  ["a REPLY of dnsmasq", dnsmasqReply],
  ["NoAddrsAvail of dnsmasq", dnsmasqNoAddrs],
])("%s, emitted again, says the same", (_, bytes) => {
  const frame = must(parseDhcp6Frame(bytes));
  expect(frame.message.malformed).toEqual([]);
  expect(must(parseDhcp6Frame(emitDhcp6Frame(frame)))).toStrictEqual(frame);
});

const solicit: Dhcp6Frame = {
  sourceMac: client,
  destinationMac: multicastMac(allDhcpServers),
  source: linkLocalOf(client),
  destination: allDhcpServers,
  sourcePort: dhcp6Ports.client,
  destinationPort: dhcp6Ports.server,
  message: { type: "solicit", xid: 0x10203, options: { elapsed: 0 }, unknown: [], malformed: [] },
};

test("a SOLICIT goes to the group of servers, byte by byte", () => {
  const [source, group] = ["fe80000000000000 00005efffe100001", "ff02000000000000 0000000000010002"];
  const expected = [
    "333300010002 02005e100001 86dd",
    `60000000 0012 11 01 ${source} ${group}`,
    "0222 0223 0012 9ddf",
    "01 010203 0008 0002 0000",
  ].join("");
  expect(Buffer.from(emitDhcp6Frame(solicit)).toString("hex")).toBe(expected.replaceAll(" ", ""));
});

test.each([
  ["a frame of another type", 12, 0x08, "Ethernet: type 0x8dd is not IPv6"],
  ["another version", 14, 0x40, "IPv6: version 4"],
  ["TCP", 20, 6, "IPv6: next header 6 is not UDP"],
  ["a wrong checksum", 60, 0, "UDP: wrong checksum"],
])("%s is an error", (_, at, byte, error) => {
  const bytes = emitDhcp6Frame(solicit);
  bytes[at] = byte;
  expect(parseDhcp6Frame(bytes)).toStrictEqual({ ok: false, error });
});

test("the frame shares no memory with the bytes", () => {
  const bytes = keaAdvertise.slice();
  const frame = must(parseDhcp6Frame(bytes));
  bytes.fill(0xee);
  expect(frame.message.options.clientId).toStrictEqual(duidLl(client));
  expect(frame).toStrictEqual(must(parseDhcp6Frame(keaAdvertise)));
});
