import { describe, expect, test } from "vitest";
import { seconds } from "../../base/time.ts";
import type { Dhcp6Message } from "../../wire/dhcp6/message.ts";
import {
  address,
  advertise,
  committing,
  Drive,
  ia,
  makeEnv,
  reply,
  server,
  serving,
  settings,
  status,
} from "./drive.fixture.ts";

const from = (n: number, over = {}) => ({ serverId: server(n), ...over });
/** Answers a SOLICIT with these ADVERTISEs, and nothing else. */
const advertising = (...answers: ((sent: Dhcp6Message) => Dhcp6Message)[]) => {
  const drive = new Drive();
  drive.server = (m) => (m.type === "solicit" ? answers.map((answer) => answer(m)) : []);
  return drive.start();
};

describe("SOLICIT (RFC 8415 sections 18.2.1 and 18.2.9)", () => {
  test("ADVERTISE, REQUEST, REPLY: the ADVERTISEs of the first RT are collected", () => {
    const drive = new Drive();
    drive.server = serving();
    expect(drive.start().until(5).lines()).toEqual([
      "0.000 * solicit 1/3",
      "0.000 SOLICIT to all e=0",
      "1.050 REQUEST to s1 e=0 2001:db8::a",
      "1.060 configure 2001:db8::a to 1001.05/2001.05",
      "1.060 * obtained 2001:db8::a by solicit",
    ]);
  });

  test("a REPLY with rapid commit is taken at once, also after an ADVERTISE", () => {
    const drive = new Drive();
    drive.server = (m) => [advertise(m, { preference: 3 }), ...committing({ serverId: server(2) })(m)];
    expect(drive.start().until(5).lines().slice(2)).toEqual([
      "0.010 configure 2001:db8::a to 1000/2000",
      "0.010 * obtained 2001:db8::a by rapid-commit",
    ]);
  });

  test.each([
    [
      "preference 255 ends collecting",
      [from(1), from(2, { preference: 255 }), from(3)],
      "0.010 REQUEST to s2",
    ],
    [
      "the highest preference",
      [from(1, { preference: 1 }), from(2, { preference: 9 }), from(3)],
      "1.050 REQUEST to s2",
    ],
    ["no preference is 0", [from(1), from(2, { preference: 1 })], "1.050 REQUEST to s2"],
    [
      "then the most addresses",
      [from(1), from(2, { iaNa: [ia({ addresses: [address("2001:db8::a"), address("2001:db8::b")] })] })],
      "1.050 REQUEST to s2",
    ],
    [
      "preference before addresses",
      [
        from(1, { preference: 1 }),
        from(2, { iaNa: [ia({ addresses: [address("2001:db8::a"), address("2001:db8::b")] })] }),
      ],
      "1.050 REQUEST to s1",
    ],
    ["else the first", [from(3), from(1)], "1.050 REQUEST to s3"],
  ])("%s", (_, offers, wanted) => {
    const drive = advertising(...offers.map((over) => (m: Dhcp6Message) => advertise(m, over))).until(1.5);
    expect(drive.lines()[2]).toContain(wanted);
  });

  test("after the first RT the first ADVERTISE is taken at once", () => {
    const drive = new Drive().start().until(1.5);
    drive.lines();
    drive.message(advertise(drive.lastSent));
    expect(drive.lines()).toEqual(["1.500 REQUEST to s1 e=0 2001:db8::a"]);
  });

  test("an attempt shorter than the first RT takes the best it has at its end", () => {
    const drive = new Drive(makeEnv({ settings: { ...settings, timeout: seconds(1) } }));
    drive.server = serving();
    expect(drive.start().until(1.5).lines()).toContain("1.000 REQUEST to s1 e=0 2001:db8::a");
  });

  test("all addresses of the ADVERTISE are asked for, those of the REPLY are taken", () => {
    const addresses = [address("2001:db8::a"), address("2001:db8::b", { preferred: 60, valid: 90 })];
    const drive = new Drive();
    drive.server = serving({ iaNa: [ia({ addresses })] });
    expect(drive.start().until(2).lines().slice(2)).toEqual([
      "1.050 REQUEST to s1 e=0 2001:db8::a 2001:db8::b",
      "1.060 configure 2001:db8::a to 1001.05/2001.05, 2001:db8::b to 61.05/91.05",
      "1.060 * obtained 2001:db8::a 2001:db8::b by solicit",
    ]);
  });
});

describe("ADVERTISEs without addresses", () => {
  const none = "the server has no addresses left: pool 7 empty";
  test.each([
    ["in the IA", { iaNa: [ia({ addresses: [], status: status("noAddrsAvail", "pool 7\nempty") })] }],
    ["in the message", { iaNa: [], status: status("noAddrsAvail", "pool 7\nempty") }],
  ])("NoAddrsAvail %s: remembered as the reason, SOLICIT goes on", (_, over) => {
    const drive = advertising((m) => advertise(m, over)).until(12);
    expect(drive.lines()).toEqual([
      "0.000 * solicit 1/3",
      "0.000 SOLICIT to all e=0",
      `0.010 * ignored: ${none}`,
      "1.050 SOLICIT to all e=105",
      `1.060 * ignored: ${none}`,
      "3.150 SOLICIT to all e=315",
      `3.160 * ignored: ${none}`,
      "7.350 SOLICIT to all e=735",
      `7.360 * ignored: ${none}`,
      `10.000 * attempt 1/3 failed: ${none}`,
    ]);
  });

  test("they do not keep another server's addresses out", () => {
    const drive = advertising(
      (m) => advertise(m, from(1, { preference: 255, iaNa: [ia({ status: status("noAddrsAvail") })] })),
      (m) => advertise(m, from(2)),
    ).until(2);
    expect(drive.lines()).toContain("1.050 REQUEST to s2 e=0 2001:db8::a");
  });

  test("rapid commit refused: SOLICIT goes on", () => {
    const drive = new Drive();
    drive.server = (m) => [reply(m, { rapidCommit: true, iaNa: [ia({ status: status("noAddrsAvail") })] })];
    expect(drive.start().until(2).lines().slice(2)).toEqual([
      "0.010 * ignored: the server has no addresses left",
      "1.050 SOLICIT to all e=105",
      "1.060 * ignored: the server has no addresses left",
    ]);
  });
});

describe("REPLY to a REQUEST (section 18.2.10.1)", () => {
  const requesting = () => {
    const drive = advertising((m) => advertise(m)).until(1.1);
    drive.lines();
    return drive;
  };

  test("NoAddrsAvail ends the attempt", () => {
    const drive = requesting();
    drive.message(reply(drive.lastSent, { iaNa: [ia({ status: status("noAddrsAvail") })] })).until(7);
    expect(drive.lines()).toEqual([
      "1.100 * attempt 1/3 failed: the server has no addresses left",
      "6.100 * solicit 2/3",
      "6.100 SOLICIT to all e=610",
    ]);
  });

  test("NotOnLink starts over at once, then after 1, 2 … s", () => {
    const refused = "the server says that the addresses are of another network";
    const drive = new Drive(makeEnv({ settings: { ...settings, retries: 6 } }));
    drive.server = (m) =>
      m.type === "solicit"
        ? [advertise(m, { preference: 255, serverId: server(m.xid) })]
        : [reply(m, { serverId: m.options.serverId ?? server(0), status: status("notOnLink"), iaNa: [] })];
    const lines = drive.start().until(30).lines();
    expect(lines.filter((line) => line.includes("failed"))[0]).toBe(`0.020 * attempt 1/6 failed: ${refused}`);
    const begun = lines.filter((l) => l.includes("* solicit")).map((l) => Number(l.split(" ")[0]));
    expect(begun.slice(1).map((t, i) => Math.floor(t - (begun[i] ?? 0)))).toEqual([0, 1, 2, 4, 8]);
  });

  test("UnspecFail: the same server is asked again at the usual pace", () => {
    const drive = requesting();
    drive.message(reply(drive.lastSent, { status: status("unspecFail", "busy"), iaNa: [] })).until(3);
    expect(drive.lines()).toEqual([
      "1.100 * ignored: the server failed: busy",
      "2.050 REQUEST to s1 e=100 2001:db8::a",
    ]);
    drive.message(reply(drive.lastSent)).until(3);
    expect(drive.lines().at(-1)).toBe("3.000 * obtained 2001:db8::a by solicit");
  });

  test("success of the message alone is no lease", () => {
    const drive = requesting();
    drive.message(reply(drive.lastSent, { status: status("success"), iaNa: [] }));
    expect(drive.lines()).toEqual(["1.100 * ignored: the server's answer holds no addresses for us"]);
    expect(drive.tag).toBe("requesting");
  });

  test("unanswered: that server comes last in the attempts to come", () => {
    const drive = advertising(
      (m) => advertise(m, from(1, { preference: 255 })),
      (m) => advertise(m, from(2)),
    ).until(60);
    const asked = drive.lines().flatMap((line) => (line.includes("REQUEST") ? [line.split(" ")[3]] : []));
    expect([...new Set(asked)]).toEqual(["s1", "s2"]);
    // Both let us down by then: preference decides again, after the collecting.
    expect(drive.state.main).toMatchObject({ row: { shunned: [server(1), server(2)] } });
  });
});
