import { expect, test } from "vitest";
import { clientFrame, DhcpServer } from "../../../test/support/dhcp-server.ts";
import { zeroMac } from "../../base/mac.ts";
import { ip, mac, router } from "../../plan/sample.fixture.ts";
import { emitArpAnnouncement, emitArpProbe, emitArpReply, emitArpRequest } from "../../wire/arp.ts";
import { emitEthernet } from "../../wire/ethernet.ts";
import { sightingIn } from "./lan-frames.ts";

const camera = mac("00:11:22:33:44:51");
const address = ip("192.168.1.50");

test.each([
  ["request", emitArpRequest({ senderMac: camera, senderIp: address, targetIp: router })],
  ["reply", emitArpReply({ senderMac: camera, senderIp: address, targetMac: zeroMac, targetIp: router })],
  ["announcement", emitArpAnnouncement(camera, address)],
])("an ARP %s tells MAC and address", (_, frame) => {
  expect(sightingIn(frame)).toEqual({ mac: camera, ip: address, alive: true, how: "arp" });
});

test("an ARP probe tells that the device is there, not which address it will have", () => {
  expect(sightingIn(emitArpProbe(camera, address))).toEqual({ mac: camera, alive: true, how: "arp" });
});

test("a DISCOVER tells host name and fingerprint", () => {
  const clientId = Uint8Array.of(1, 0, 0x11, 0x22, 0x33, 0x44, 0x51);
  const vendorClass = Uint8Array.of(0x75, 0x64);
  const options = { hostName: "cam", parameterList: [1, 3, 6], maxMessageSize: 576, vendorClass, clientId };
  expect(sightingIn(clientFrame(camera, { messageType: "discover", ...options }))).toEqual({
    mac: camera,
    hostname: "cam",
    fingerprint: options,
    alive: true,
    how: "dhcp",
  });
});

test("a renewal tells the address in use; a requested one is not in use yet", () => {
  const renewal = clientFrame(camera, { messageType: "request" }, { ciaddr: address });
  expect(sightingIn(renewal)).toMatchObject({ mac: camera, ip: address, fingerprint: {} });
  const request = clientFrame(camera, { messageType: "request", requestedAddress: address });
  expect(sightingIn(request)).not.toHaveProperty("ip");
});

test("a RELEASE is a farewell", () => {
  const release = clientFrame(camera, { messageType: "release" }, { ciaddr: address });
  expect(sightingIn(release)).toEqual({ mac: camera, alive: false, how: "dhcp" });
});

test("a DECLINE tells no fingerprint: servers see other options in it", () => {
  const decline = clientFrame(camera, { messageType: "decline", hostName: "cam" });
  expect(sightingIn(decline)).toEqual({ mac: camera, hostname: "cam", alive: true, how: "dhcp" });
});

test("an empty host name is none", () => {
  expect(sightingIn(clientFrame(camera, { messageType: "discover", hostName: "" }))).not.toHaveProperty(
    "hostname",
  );
});

test("relayed messages, servers' answers and other frames tell of no device", () => {
  const relayed = clientFrame(camera, { messageType: "discover" }, { giaddr: ip("10.0.0.1") });
  const server = new DhcpServer(new Map([[camera, address]]));
  const answer = server.answer(clientFrame(camera, { messageType: "discover" })) ?? new Uint8Array();
  const ip6 = emitEthernet({
    destination: camera,
    source: camera,
    etherType: 0x86dd,
    payload: new Uint8Array(60),
  });
  for (const frame of [relayed, answer, ip6, new Uint8Array(), new Uint8Array(13)])
    expect(sightingIn(frame)).toBeUndefined();
});
