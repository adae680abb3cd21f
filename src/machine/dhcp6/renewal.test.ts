import { describe, expect, test } from "vitest";
import type { Dhcp6Options, IaAddress } from "../../wire/dhcp6/message.ts";
import {
  a,
  address,
  answer,
  b,
  committing,
  Drive,
  ia,
  ip,
  makeEnv,
  reply,
  server,
  silent,
  status,
} from "./drive.fixture.ts";

const infinite = 0xffffffff;

/** Bound at 0.010 to these addresses; T1 500 s and T2 800 s after 0.000; then the server falls silent. */
function bound(addresses: readonly IaAddress[] = [address(a)], over = {}, env = makeEnv()): Drive {
  const drive = new Drive(env);
  drive.server = committing({ iaNa: [ia({ addresses, ...over })] });
  drive.start().until(1);
  drive.server = silent;
  drive.lines();
  return drive;
}

/** What the REPLY with these options makes of a RENEW at 495 s (or a REBIND at 800 s), half a second later. */
function answered(drive: Drive, at: 495 | 800, options: Dhcp6Options): string[] {
  drive.until(at + 0.5);
  drive.lines();
  return drive.message(reply(drive.lastSent, options)).lines();
}

describe("T1 and T2 (RFC 8415 sections 14.2 and 21.4); T1 comes a hundredth early here", () => {
  const one = (preferred: number, valid: number) => [address(a, { preferred, valid })];
  test.each([
    ["of the server", { t1: 100, t2: 150 }, one(1000, 2000), 99, 150],
    ["0: 0.5 and 0.8 of the preferred lifetime", { t1: 0, t2: 0 }, one(1000, 2000), 495, 800],
    ["0: of the shortest", { t1: 0, t2: 0 }, [address(a), address(b, { preferred: 100 })], 49.5, 80],
    ["T1 0 lies not after T2", { t1: 0, t2: 100 }, one(1000, 2000), 99, 100],
    ["T2 0 lies not before T1", { t1: 900, t2: 0 }, one(1000, 2000), 891, 900],
    ["0 and deprecated from the start: of the valid lifetime", { t1: 0, t2: 0 }, one(0, 2000), 990, 1600],
    [
      "0 and infinite",
      { t1: 0, t2: 0 },
      one(infinite, infinite),
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ],
    [
      "infinite",
      { t1: infinite, t2: infinite },
      one(infinite, infinite),
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ],
    ["infinite for a lease that ends: ours", { t1: infinite, t2: infinite }, one(1000, 2000), 495, 800],
    ["past the end of the lease: ours", { t1: 2000, t2: 3000 }, one(1000, 2000), 495, 800],
  ])("%s", (_, over, addresses, t1, t2) => {
    const { main } = bound(addresses, over).state;
    expect(main).toMatchObject({
      tag: "bound",
      held: { lease: { renewAt: t1 * 1000, rebindAt: t2 * 1000 } },
    });
  });
});

describe("nobody answers", () => {
  test("RENEW from T1 to T2, REBIND to the end, deprecated on the way; then over again", () => {
    expect(bound().until(2001).lines()).toEqual([
      "495.000 RENEW to s1 e=0 2001:db8::a",
      "505.000 RENEW to s1 e=1000 2001:db8::a",
      "525.000 RENEW to s1 e=3000 2001:db8::a",
      "565.000 RENEW to s1 e=7000 2001:db8::a",
      "645.000 RENEW to s1 e=15000 2001:db8::a",
      "800.000 REBIND to all e=0 2001:db8::a",
      "810.000 REBIND to all e=1000 2001:db8::a",
      "830.000 REBIND to all e=3000 2001:db8::a",
      "870.000 REBIND to all e=7000 2001:db8::a",
      "950.000 REBIND to all e=15000 2001:db8::a",
      "1000.000 configure 2001:db8::a to 1000/2000",
      "1110.000 REBIND to all e=31000 2001:db8::a",
      "1430.000 REBIND to all e=63000 2001:db8::a",
      "2000.000 deconfigure",
      "2000.000 * lost 2001:db8::a: the lease ended and no server renewed it",
      "2000.000 * solicit 1/3",
      "2000.000 SOLICIT to all e=0",
    ]);
  });

  test("each address ends for itself; what is left is asked for", () => {
    const drive = bound([address(a, { preferred: 600, valid: 900 }), address(b)], { t1: 500, t2: 800 });
    const lines = drive
      .until(960)
      .lines()
      .filter((l) => l.includes("configure") || l.includes("REBIND"));
    expect(lines).toEqual([
      "600.000 configure 2001:db8::a to 600/900, 2001:db8::b to 1000/2000",
      "800.000 REBIND to all e=0 2001:db8::a 2001:db8::b",
      "810.000 REBIND to all e=1000 2001:db8::a 2001:db8::b",
      "830.000 REBIND to all e=3000 2001:db8::a 2001:db8::b",
      "870.000 REBIND to all e=7000 2001:db8::a 2001:db8::b",
      "900.000 configure 2001:db8::b to 1000/2000",
      "950.000 REBIND to all e=15000 2001:db8::b",
    ]);
  });

  test("asleep past everything: one step to the end", () => {
    const drive = bound();
    drive.now = 10_000_000 as typeof drive.now;
    expect(drive.put({ kind: "timer" }).lines()).toEqual([
      "10000.000 deconfigure",
      "10000.000 * lost 2001:db8::a: the lease ended and no server renewed it",
      "10000.000 * solicit 1/3",
      "10000.000 SOLICIT to all e=0",
    ]);
  });

  test("infinite: nothing is due ever again; a retry renews", () => {
    const drive = bound([address(a, { preferred: infinite, valid: infinite })], {
      t1: infinite,
      t2: infinite,
    });
    expect(drive.until(100_000).lines()).toEqual([]);
    expect(drive.wakeAt).toBe(Number.POSITIVE_INFINITY);
    expect(drive.put({ kind: "retry" }).lines()).toEqual(["100000.000 RENEW to s1 e=0 2001:db8::a"]);
  });
});

describe("REPLY to a RENEW (section 18.2.10.1)", () => {
  test("extended: lifetimes count from the RENEW", () => {
    const drive = bound();
    expect(answered(drive, 495, { dnsServers: [ip("2001:db8::53")] })).toEqual([
      "495.500 configure 2001:db8::a to 1495/2495",
      "495.500 * renewed 2001:db8::a by renew",
    ]);
    expect(drive.state.main).toMatchObject({
      tag: "bound",
      held: { lease: { acquiredAt: 495_000, renewAt: 990_000, dnsServers: ["2001:db8::53"] } },
    });
  });

  test("an address the server left out stays until its own end", () => {
    const drive = bound([address(a), address(b)]);
    expect(answered(drive, 495, { iaNa: [ia({ addresses: [address(b)] })] })).toEqual([
      "495.500 configure 2001:db8::a to 1000/2000, 2001:db8::b to 1495/2495",
      "495.500 * renewed 2001:db8::a 2001:db8::b by renew",
    ]);
  });

  test("an address with valid lifetime 0 goes at once", () => {
    const drive = bound([address(a), address(b)]);
    const addresses = [address(a, { preferred: 0, valid: 0 }), address(b)];
    expect(answered(drive, 495, { iaNa: [ia({ addresses })] })).toEqual([
      "495.500 configure 2001:db8::b to 1495/2495",
      "495.500 * renewed 2001:db8::b by renew",
    ]);
  });

  test("ended and granted in one answer: granted", () => {
    const addresses = [address(a, { preferred: 0, valid: 0 }), address(a)];
    expect(answered(bound(), 495, { iaNa: [ia({ addresses })] })[0]).toBe(
      "495.500 configure 2001:db8::a to 1495/2495",
    );
  });

  test("an address in use is not asked about again", () => {
    let refused = false;
    const drive = bound(
      [address(a)],
      {},
      makeEnv({ refuse: () => (refused ? "held by another" : undefined) }),
    );
    refused = true;
    expect(answered(drive, 495, {})).toContain("495.500 * renewed 2001:db8::a by renew");
  });

  test("one ended, the other not named: the other is asked for on", () => {
    const drive = bound([address(a), address(b)]);
    const gone = [address(a, { preferred: 0, valid: 0 })];
    expect(answered(drive, 495, { iaNa: [ia({ addresses: gone })] })).toEqual([
      "495.500 configure 2001:db8::b to 1000/2000",
    ]);
    expect(drive.until(506).lines()).toEqual(["505.000 RENEW to s1 e=1000 2001:db8::b"]);
  });

  test("all ended: lost, and over again at once", () => {
    const gone = [address(a, { preferred: 0, valid: 0 })];
    expect(answered(bound(), 495, { iaNa: [ia({ addresses: gone })] })).toEqual([
      "495.500 deconfigure",
      "495.500 * lost 2001:db8::a: the server ended the lease",
      "495.500 * solicit 1/3",
      "495.500 SOLICIT to all e=0",
    ]);
  });

  test("an added address is configured; one that we must not take is declined", () => {
    const refused = ip("2001:db8::bad");
    const env = makeEnv({ refuse: (at) => (at === refused ? "held by another identity" : undefined) });
    const addresses = [address(a), address(b), address(refused)];
    expect(answered(bound([address(a)], {}, env), 495, { iaNa: [ia({ addresses })] })).toEqual([
      "495.500 DECLINE to s1 e=0 2001:db8::bad",
      "495.500 configure 2001:db8::a to 1495/2495, 2001:db8::b to 1495/2495",
      "495.500 * renewed 2001:db8::a 2001:db8::b by renew",
    ]);
  });

  test("NotOnLink: lost, and over again at once", () => {
    const lines = answered(bound(), 495, { iaNa: [ia({ status: status("notOnLink") })] });
    expect(lines).toEqual([
      "495.500 deconfigure",
      "495.500 * lost 2001:db8::a: the server says that the addresses are of another network",
      "495.500 * solicit 1/3",
      "495.500 SOLICIT to all e=0",
    ]);
  });

  test.each([
    ["UnspecFail", { status: status("unspecFail") }, "the server failed"],
    ["NoAddrsAvail", { iaNa: [ia({ status: status("noAddrsAvail") })] }, "the server has no addresses left"],
    ["no IA", { iaNa: [] }, "the server's answer holds no addresses for us"],
    ["an empty IA", { iaNa: [ia({ addresses: [] })] }, "the server's answer holds no usable address"],
  ])("%s: the lease stays, RENEW goes on", (_, options, why) => {
    const drive = bound();
    expect(answered(drive, 495, options)).toEqual([`495.500 * ignored: ${why}`]);
    expect(drive.until(506).lines()).toEqual(["505.000 RENEW to s1 e=1000 2001:db8::a"]);
  });

  test("another server's word does not count", () => {
    const drive = bound();
    expect(answered(drive, 495, { serverId: server(2) })).toEqual([
      "495.500 * ignored: REPLY of another server than was asked",
    ]);
    expect(drive.tag).toBe("renewing");
  });
});

test("REPLY to a REBIND: any server may extend, and is the one to renew with", () => {
  const drive = bound();
  expect(answered(drive, 800, { serverId: server(2) })).toEqual([
    "800.500 configure 2001:db8::a to 1800/2800",
    "800.500 * renewed 2001:db8::a by rebind",
  ]);
  expect(drive.until(1296).lines()).toEqual(["1295.000 RENEW to s2 e=0 2001:db8::a"]);
});

describe("NoBinding: a REQUEST for the same IA, the addresses in use meanwhile", () => {
  const forgotten = { iaNa: [ia({ addresses: [], status: status("noBinding") })] };
  const reclaiming = (at: 495 | 800 = 495) => {
    const drive = bound();
    const n = at === 495 ? 1 : 2;
    expect(answered(drive, at, { ...forgotten, serverId: server(n) })).toEqual([
      `${at}.500 REQUEST to s${n} e=0 2001:db8::a`,
    ]);
    return drive;
  };

  test("granted again", () => {
    const drive = reclaiming();
    expect(drive.message(reply(drive.lastSent)).lines()).toEqual([
      "495.500 configure 2001:db8::a to 1495.5/2495.5",
      "495.500 * renewed 2001:db8::a by renew",
    ]);
  });

  test("of the server that answered a REBIND", () => {
    const drive = reclaiming(800);
    drive.message(reply(drive.lastSent)).message(reply(drive.lastSent, { serverId: server(2) }));
    expect(drive.lines()).toEqual([
      "800.500 * ignored: REPLY of another server than was asked",
      "800.500 configure 2001:db8::a to 1800.5/2800.5",
      "800.500 * renewed 2001:db8::a by rebind",
    ]);
  });

  test("others granted: those from before have no binding any more", () => {
    const drive = reclaiming();
    drive.message(reply(drive.lastSent, { iaNa: [ia({ addresses: [address(b)] })] }));
    expect(drive.lines()).toEqual([
      "495.500 configure 2001:db8::b to 1495.5/2495.5",
      "495.500 * renewed 2001:db8::b by renew",
    ]);
  });

  test.each(["noAddrsAvail", "notOnLink"] as const)("%s: lost, and over again at once", (name) => {
    const drive = reclaiming();
    drive.message(reply(drive.lastSent, { iaNa: [ia({ status: status(name) })] }));
    expect(drive.lines().slice(2)).toEqual(["495.500 * solicit 1/3", "495.500 SOLICIT to all e=0"]);
  });

  test.each([
    ["UnspecFail", { status: status("unspecFail") }],
    ["NoBinding again", forgotten],
    ["an empty IA", { iaNa: [ia({ addresses: [] })] }],
    ["no IA", { iaNa: [] }],
  ])("%s: asked again at the usual pace, for ten times; then renewed on", (_, options) => {
    const drive = reclaiming();
    drive.server = (m) => (m.type === "request" ? [reply(m, options)] : []);
    drive.message(reply(drive.lastSent, options));
    const sent = drive
      .until(680)
      .lines()
      .filter((line) => !line.includes("ignored"));
    expect(sent.map((line) => line.split(" e=")[0])).toEqual([
      "496.500 REQUEST to s1",
      "498.500 REQUEST to s1",
      "502.500 REQUEST to s1",
      "510.500 REQUEST to s1",
      "526.500 REQUEST to s1",
      "556.500 REQUEST to s1",
      "586.500 REQUEST to s1",
      "616.500 REQUEST to s1",
      "646.500 REQUEST to s1",
      "676.500 RENEW to s1",
    ]);
  });

  test("only addresses that we must not take: lost, declined, a pause", () => {
    const env = makeEnv({ refuse: (at) => (at === b ? "held by another identity" : undefined) });
    const drive = bound([address(a)], {}, env);
    answered(drive, 495, forgotten);
    drive.message(reply(drive.lastSent, { iaNa: [ia({ addresses: [address(b)] })] })).until(506);
    expect(drive.lines().filter((line) => !line.includes(" DECLINE "))).toEqual([
      "495.500 deconfigure",
      "495.500 * lost 2001:db8::a: the server granted only addresses that may not be taken",
      "495.500 * attempt 1/3 failed: address declined: 2001:db8::b: held by another identity",
      "505.500 * solicit 2/3",
      "505.500 SOLICIT to all e=1000",
    ]);
  });
});

test("late and doubled answers, and messages of other kinds, change nothing while bound", () => {
  const drive = bound();
  const { state } = drive;
  drive.message(reply(drive.lastSent)).message(drive.lastSent).message(answer("advertise", drive.lastSent));
  expect(drive.put({ kind: "timer" }).state).toEqual(state);
  expect(drive.lines()).toEqual([]);
});

describe("retry", () => {
  test("bound and renewing: RENEW now; rebinding: REBIND now", () => {
    const drive = bound().put({ kind: "retry" });
    expect(drive.lines()).toEqual(["1.000 RENEW to s1 e=0 2001:db8::a"]);
    drive.until(2).put({ kind: "retry" });
    expect(drive.lines()).toEqual(["2.000 RENEW to s1 e=0 2001:db8::a"]);
    drive.until(805);
    drive.lines();
    expect(drive.put({ kind: "retry" }).lines()).toEqual(["805.000 REBIND to all e=0 2001:db8::a"]);
  });

  test("failed: attempts start from 1 at once; stopped: nothing", () => {
    const drive = new Drive().put({ kind: "retry" });
    expect(drive.lines()).toEqual([]);
    drive.start().until(100);
    drive.lines();
    expect(drive.put({ kind: "retry" }).lines()).toEqual([
      "100.000 * solicit 1/3",
      "100.000 SOLICIT to all e=0",
    ]);
  });
});
