import { describe, expect, test } from "vitest";
import { Drive, device, makeEnv, serving } from "./drive.fixture.ts";
import type { Fingerprint } from "./interface.ts";

const sentBy = (fingerprint: Fingerprint, until = 2000) => {
  const drive = new Drive(makeEnv({ fingerprint }));
  drive.server = serving();
  return drive.start().until(until).put({ kind: "release" }).sent;
};
const discoverOf = (fingerprint: Fingerprint) => sentBy(fingerprint, 0)[0]?.options;
const defaultId = Uint8Array.of(1, 0, 0x11, 0x22, 0x33, 0x44, 0x55);

describe("what identifies the device", () => {
  test("by default: type 1 and MAC, our list with 121 before 3 and 33, 1472 bytes", () => {
    expect(discoverOf({})).toEqual({
      messageType: "discover",
      clientId: defaultId,
      parameterList: [1, 121, 3, 33, 6, 12, 15, 26, 28, 42, 51, 54, 58, 59, 119],
      maxMessageSize: 1472,
    });
  });

  test("else the device's own, in DISCOVER, REQUEST and renewal alike", () => {
    const vendorClass = Uint8Array.of(77, 83, 70, 84);
    const fingerprint: Fingerprint = {
      hostName: "printer",
      parameterList: [3, 1, 252, 6],
      maxMessageSize: 1000,
      vendorClass,
      clientId: Uint8Array.of(255, 1, 2, 3),
    };
    const asked = sentBy(fingerprint).slice(0, 3);
    expect(asked.map((m) => m.options.messageType)).toEqual(["discover", "request", "request"]);
    for (const { options } of asked) expect(options).toMatchObject(fingerprint);
  });

  test("a list without 1 or 3 gets them at its end, and nothing else", () => {
    expect(discoverOf({ parameterList: [6, 3] })?.parameterList).toEqual([6, 3, 1]);
    expect(discoverOf({ parameterList: [] })?.parameterList).toEqual([1, 3]);
  });

  test("an empty client-id and a message size below 576 are not repeated", () => {
    const options = discoverOf({ clientId: new Uint8Array(), maxMessageSize: 300 });
    expect(options).toMatchObject({ clientId: defaultId, maxMessageSize: 1472 });
  });

  test("an option longer than one part is not repeated, one that fills it is", () => {
    const many = (length: number) => ({
      hostName: "x".repeat(length),
      vendorClass: new Uint8Array(length),
      clientId: new Uint8Array(length),
    });
    expect(discoverOf(many(256))).toEqual(discoverOf({}));
    expect(discoverOf(many(255))).toMatchObject(many(255));
  });
});

test("every message: from this chaddr, never relayed, no addresses but ciaddr; fresh xids where exchanges begin", () => {
  let xid = 0;
  const drive = new Drive(makeEnv({ rng: { uint32: () => xid++ } }));
  drive.server = serving();
  const { sent } = drive.start().until(2000).put({ kind: "release" });
  for (const message of sent)
    expect(message).toMatchObject({
      op: "request",
      hops: 0,
      chaddr: device,
      yiaddr: "0.0.0.0",
      siaddr: "0.0.0.0",
      giaddr: "0.0.0.0",
    });
  expect(sent.map((m) => m.options.messageType)).toEqual(["discover", "request", "request", "release"]);
  const [discovered, requested, renewed, released] = sent.map((m) => m.xid);
  expect(requested).toBe(discovered);
  expect(new Set([requested, renewed, released]).size).toBe(3);
});

test("RELEASE holds server-id and client-id and no list (RFC 2131 table 5)", () => {
  expect(sentBy({}).at(-1)?.options).toEqual({
    messageType: "release",
    serverId: "192.0.2.1",
    clientId: defaultId,
  });
});
