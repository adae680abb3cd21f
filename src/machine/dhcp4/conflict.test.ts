import { describe, expect, test } from "vitest";
import { ack, arp, Drive, device, ip, makeEnv, serving, silent, stranger } from "./drive.fixture.ts";

const probing = (env = makeEnv()) => {
  const drive = new Drive(env);
  drive.server = serving();
  drive.start().until(0.1);
  drive.lines();
  return drive;
};
const bound = () => {
  const drive = probing().until(5);
  drive.server = silent;
  drive.lines();
  return drive;
};

describe("a conflict while probing (RFC 5227 section 2.1.1)", () => {
  test.each([
    ["its user answers", arp("192.0.2.10")],
    ["another station probes for it", arp("0.0.0.0")],
  ])("%s: DECLINE, ten seconds, and over again", (_, input) => {
    const drive = probing().put(input).until(11);
    expect(drive.lines()).toEqual([
      `0.100 * conflict over 192.0.2.10 with ${stranger}`,
      "0.100 DECLINE to all secs=0 ip=192.0.2.10 server=192.0.2.1",
      `0.100 * attempt 1/3 failed: address declined: 192.0.2.10 is in use by ${stranger}`,
      "10.100 * discover 2/3",
      "10.100 DISCOVER to all secs=10",
      "10.110 REQUEST to all secs=10 ip=192.0.2.10 server=192.0.2.1",
      "10.120 arp-probe 192.0.2.10",
      "10.320 arp-probe 192.0.2.10",
      "10.520 configure 192.0.2.10/24 to 3610.11",
      "10.520 arp-announce 192.0.2.10",
      "10.520 * obtained 192.0.2.10 by discover",
    ]);
    const declined = drive.sent.find((m) => m.options.messageType === "decline");
    expect(declined).toMatchObject({ ciaddr: "0.0.0.0", broadcast: false });
    expect(declined?.options.parameterList).toBeUndefined();
    expect(declined?.options.clientId).toEqual(Uint8Array.of(1, 0, 0x11, 0x22, 0x33, 0x44, 0x55));
  });

  test.each([
    ["our own probe seen again", arp("0.0.0.0", device)],
    ["other addresses", arp("192.0.2.9")],
    ["a probe for another address", arp("0.0.0.0", stranger, "192.0.2.11")],
    ["a question from a third host about ours", arp("192.0.2.1", stranger, "192.0.2.10")],
  ])("%s: no conflict", (_, input) => {
    const drive = probing().put(input).until(1);
    expect(drive.lines().at(-1)).toBe("0.420 * obtained 192.0.2.10 by discover");
  });

  test("every offered address taken: failed, with that reason", () => {
    const drive = new Drive();
    drive.server = serving();
    drive.start();
    for (let at = 0.1; at < 40; at += 0.1) drive.until(at).put(arp("192.0.2.10"));
    const lines = drive.lines();
    expect(lines.filter((l) => l.includes("DECLINE")).length).toBe(3);
    expect(lines.at(-1)).toMatch(/\* failed: address declined: 192.0.2.10 is in use by 00:bb/);
    expect(drive.wakeAt).toBeGreaterThan(300_000);
  });
});

test("an address refused only when it is granted is declined and waited for likewise", () => {
  const env = makeEnv({
    refuse: (address) => (address === ip("192.0.2.99") ? "it lies inside our LAN" : undefined),
  });
  const drive = new Drive(env);
  drive.server = (m) => (m.options.messageType === "request" ? [ack(m, {}, "192.0.2.99")] : serving()(m));
  expect(drive.start().until(10.5).lines().slice(2, 6)).toEqual([
    "0.010 REQUEST to all secs=0 ip=192.0.2.10 server=192.0.2.1",
    "0.020 DECLINE to all secs=0 ip=192.0.2.99 server=192.0.2.1",
    "0.020 * attempt 1/3 failed: address declined: 192.0.2.99: it lies inside our LAN",
    "10.020 * discover 2/3",
  ]);
});

describe("a conflict over an address in use (RFC 5227 section 2.4 b)", () => {
  test("defended once by an announcement", () => {
    const drive = bound().put(arp("192.0.2.10"));
    expect(drive.lines()).toEqual([
      `5.000 * conflict over 192.0.2.10 with ${stranger}`,
      "5.000 arp-announce 192.0.2.10",
    ]);
    expect(drive.until(15).put(arp("192.0.2.10")).lines()).toEqual([
      `15.000 * conflict over 192.0.2.10 with ${stranger}`,
      "15.000 arp-announce 192.0.2.10",
    ]);
  });

  test("again within ten seconds: DECLINE, off with it, ten seconds, over again", () => {
    const drive = bound().put(arp("192.0.2.10")).until(14.9);
    drive.lines();
    expect(drive.put(arp("192.0.2.10")).until(25).lines()).toEqual([
      `14.900 * conflict over 192.0.2.10 with ${stranger}`,
      "14.900 DECLINE to all secs=0 ip=192.0.2.10 server=192.0.2.1",
      "14.900 deconfigure 192.0.2.10",
      `14.900 * lost 192.0.2.10: address declined: 192.0.2.10 is in use by ${stranger}`,
      "24.900 * discover 1/3",
      "24.900 DISCOVER to all secs=0",
    ]);
  });

  test("also while renewing, and remembered across the renewal", () => {
    const drive = bound().until(1790).put(arp("192.0.2.10"));
    drive.message(ack(drive.lastSent));
    drive.lines();
    expect(drive.put(arp("192.0.2.10")).lines()).toContain("1790.000 deconfigure 192.0.2.10");
  });

  test("a probe for it, and our own frames, are none", () => {
    const drive = bound().put(arp("0.0.0.0")).put(arp("192.0.2.10", device));
    expect(drive.lines()).toEqual([]);
  });
});
