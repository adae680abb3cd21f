import { describe, expect, test } from "vitest";
import type { Dhcp6Options } from "../../wire/dhcp6/message.ts";
import {
  advertise,
  aLease,
  answer,
  committing,
  Drive,
  ip,
  serving,
  silent,
  status,
} from "./drive.fixture.ts";

const informed = (over: Dhcp6Options = {}) => {
  const drive = new Drive();
  drive.server = serving({ dnsServers: [ip("2001:db8::53")], ...over });
  drive.start(undefined, "stateless").until(1);
  drive.server = silent;
  return drive;
};
const begun = (stamp: string) => [
  `${stamp} * information-request 1/3`,
  `${stamp} INFORMATION-REQUEST to all e=0`,
];

describe("INFORMATION-REQUEST (RFC 8415 section 18.2.6)", () => {
  test("name servers and the rest, no addresses", () => {
    const drive = informed({
      domainSearch: ["campus.example"],
      ntpServers: [ip("2001:db8::123")],
    });
    expect(drive.lines()).toEqual([...begun("0.000"), "0.010 information 2001:db8::53", "0.010 * informed"]);
    const information = {
      dnsServers: ["2001:db8::53"],
      domainSearch: ["campus.example"],
      ntpServers: ["2001:db8::123"],
    };
    expect(drive.effects.at(-2)).toEqual({ kind: "information", information });
    expect(drive.effects.at(-1)).toEqual({ kind: "event", event: { kind: "informed", information } });
    expect(drive.sent.every((m) => m.options.iaNa === undefined)).toBe(true);
  });

  test("servers that are none are left out", () => {
    const drive = informed({ dnsServers: ["::", "::1", "ff02::fb", "fe80::53", "2001:db8::53"].map(ip) });
    expect(drive.lines()).toContain("0.010 information fe80::53 2001:db8::53");
  });

  test("a REPLY that tells of a failure, an ADVERTISE: asked again", () => {
    const drive = new Drive().start(undefined, "stateless").until(0.5);
    drive.lines();
    drive.message(answer("reply", drive.lastSent, { status: status("unspecFail", "later") }));
    drive.message(advertise(drive.lastSent));
    expect(drive.until(11).lines()).toEqual([
      "0.500 * ignored: the server failed: later",
      "0.500 * ignored: ADVERTISE to an INFORMATION-REQUEST",
      "1.000 INFORMATION-REQUEST to all e=100",
      "3.000 INFORMATION-REQUEST to all e=300",
      "7.000 INFORMATION-REQUEST to all e=700",
      "10.000 * attempt 1/3 failed: the server failed: later",
    ]);
  });
});

describe("information refresh time (section 21.23)", () => {
  test.each([
    ["absent: a day", {}, 86_400],
    ["of the server", { informationRefresh: 7200 }, 7200],
    ["at least ten minutes", { informationRefresh: 60 }, 600],
  ])("%s", (_, over, secs) => {
    const drive = informed(over);
    drive.lines();
    const at = secs + 0.01;
    expect(drive.until(secs + 1).lines()).toEqual([
      `${at.toFixed(3)} * information-request 1/3`,
      `${(at + 0.5).toFixed(3)} INFORMATION-REQUEST to all e=0`,
    ]);
  });

  test("infinite: never", () => {
    expect(informed({ informationRefresh: 0xffffffff }).wakeAt).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("asked again", () => {
  test("the link changed: within a second", () => {
    const drive = informed();
    drive.lines();
    expect(drive.put({ kind: "link-changed" }).until(2).lines()).toEqual([
      "1.000 * information-request 1/3",
      "1.500 INFORMATION-REQUEST to all e=0",
    ]);
  });

  test.each(["moved", "retry"] as const)("%s: at once", (kind) => {
    const drive = informed();
    drive.lines();
    expect(drive.put({ kind }).lines()).toEqual(begun("1.000"));
  });

  test("release: no more, without a word", () => {
    const drive = informed();
    drive.lines();
    expect(drive.put({ kind: "release" }).until(100_000).lines()).toEqual([]);
  });
});

describe("change of mode", () => {
  test("to stateless: the lease is released, and nothing waits for that", () => {
    const drive = new Drive();
    drive.server = committing();
    drive.start().until(1);
    drive.lines();
    drive.server = (m) => (m.type === "release" ? [] : serving()(m));
    expect(drive.start(undefined, "stateless").until(3).lines()).toEqual([
      "1.000 deconfigure",
      "1.000 RELEASE to s1 e=0 2001:db8::a",
      "1.000 * released 2001:db8::a",
      ...begun("1.000"),
      "1.010 information",
      "1.010 * informed",
      "2.000 RELEASE to s1 e=100 2001:db8::a",
    ]);
  });

  test("to stateful: SOLICIT, or CONFIRM of a stored lease", () => {
    const solicit = informed();
    solicit.lines();
    expect(solicit.start().lines()).toEqual(["1.000 * solicit 1/3", "1.000 SOLICIT to all e=0"]);
    const confirm = informed();
    confirm.lines();
    expect(confirm.start(aLease()).lines()).toEqual([
      "1.000 configure 2001:db8::a to 1000/2000",
      "1.000 * confirm 1/1",
      "1.000 CONFIRM to all e=0 2001:db8::a",
    ]);
  });

  test("at any time, also without a lease or in a pause", () => {
    for (const at of [0.5, 12, 100]) {
      const drive = new Drive().start().until(at);
      drive.lines();
      expect(drive.start(undefined, "stateless").lines()).toEqual(begun(at.toFixed(3)));
      drive.until(at + 5);
      drive.lines();
      expect(drive.start().lines()[0]).toContain("* solicit 1/3");
    }
  });

  test("the same mode again changes nothing", () => {
    const drive = informed();
    const { state } = drive;
    drive.lines();
    expect(drive.start(undefined, "stateless").state).toEqual(state);
    const bound = new Drive();
    bound.server = committing();
    const before = bound.start().until(1).state;
    bound.lines();
    expect(bound.start().start(aLease()).state).toEqual(before);
    expect([...drive.lines(), ...bound.lines()]).toEqual([]);
  });
});
