/** One answer for each way in which servers misbehave. */
import { describe, expect, test } from "vitest";
import type { Dhcp6Message, Dhcp6Options } from "../../wire/dhcp6/message.ts";
import {
  a,
  address,
  advertise,
  aLease,
  answer,
  b,
  committing,
  Drive,
  ia,
  ip,
  makeEnv,
  reply,
  server,
  serving,
  settings,
  silent,
} from "./drive.fixture.ts";

const once = { ...settings, retries: 1 };
const without = (message: Dhcp6Message, key: keyof Dhcp6Options): Dhcp6Message => {
  const { [key]: _, ...options } = message.options;
  return { ...message, options };
};
const requesting = () => {
  const drive = new Drive(makeEnv({ settings: once }));
  drive.server = (m) => (m.type === "solicit" ? [advertise(m)] : []);
  drive.start().until(1.5);
  drive.lines();
  return drive;
};

describe("answers to SOLICIT that are none (section 16)", () => {
  const strangers: readonly [string, (sent: Dhcp6Message) => Dhcp6Message, string[]][] = [
    ["another xid", (m) => ({ ...advertise(m), xid: m.xid ^ 1 }), []],
    [
      "no client identifier",
      (m) => without(advertise(m), "clientId"),
      ["ADVERTISE without client identifier"],
    ],
    [
      "another client's identifier",
      (m) => advertise(m, { clientId: server(1) }),
      ["ADVERTISE with another client identifier"],
    ],
    ["no server identifier", (m) => without(advertise(m), "serverId"), ["ADVERTISE names no server"]],
    [
      "an empty server identifier",
      (m) => advertise(m, { serverId: new Uint8Array() }),
      ["ADVERTISE names no server"],
    ],
    ["a REPLY without rapid commit", (m) => reply(m), ["REPLY without rapid commit to a SOLICIT"]],
    ["a REPLY to something else", (m) => ({ ...reply(m), xid: 7 }), ["REPLY to another exchange (xid)"]],
    ["our own SOLICIT", (m) => m, []],
    ["another client's REQUEST", (m) => answer("request", m), []],
  ];
  test.each(strangers)("%s", (_, make, events) => {
    const drive = new Drive(makeEnv({ settings: once })).start().until(1);
    drive.lines();
    drive.message(make(drive.lastSent)).until(11);
    expect(drive.lines()).toEqual([
      ...events.map((event) => `1.000 * ignored: ${event}`),
      "1.050 SOLICIT to all e=105",
      "3.150 SOLICIT to all e=315",
      "7.350 SOLICIT to all e=735",
      "10.000 * attempt 1/1 failed: no answer to DHCPv6 Solicit",
      "10.000 * failed: no answer to DHCPv6 Solicit",
    ]);
  });
});

describe("addresses that are not taken, and become the reason of the failure", () => {
  const useless: readonly [string, Dhcp6Options, string][] = [
    ["no IA", { iaNa: [] }, "the server's answer holds no addresses for us"],
    ["another IA's", { iaNa: [ia({ iaid: 1 })] }, "the server's answer holds no addresses for us"],
    ["an empty IA", { iaNa: [ia({ addresses: [] })] }, "the server's answer holds no usable address"],
    ["T1 after T2", { iaNa: [ia({ t1: 900, t2: 800 })] }, "the server's T1 lies after its T2"],
    ...(
      [
        ["valid lifetime 0", address(a, { preferred: 0, valid: 0 })],
        ["preferred after valid", address(a, { preferred: 2001 })],
        ["a status of its own", address(a, { status: { code: 2, text: "" } })],
        ["link-local", address("fe80::a")],
        ["multicast", address("ff02::a")],
        ["unspecified", address("::")],
        ["loopback", address("::1")],
      ] as const
    ).map(([name, it]): [string, Dhcp6Options, string] => [
      name,
      { iaNa: [ia({ addresses: [it] })] },
      "the server's answer holds no usable address",
    ]),
  ];

  test.each(useless)("ADVERTISE: %s", (_, over, why) => {
    const drive = new Drive(makeEnv({ settings: once }));
    drive.server = (m) => (m.options.elapsed === 0 ? [advertise(m, over)] : []);
    const lines = drive.start().until(11).lines();
    expect(lines[2]).toBe(`0.010 * ignored: ${why}`);
    expect(lines.at(-1)).toBe(`10.000 * failed: ${why}`);
  });

  test.each(useless)("REPLY: %s", (_, over, why) => {
    const drive = requesting();
    drive.message(reply(drive.lastSent, over));
    expect(drive.lines()).toEqual([`1.500 * ignored: ${why}`]);
    expect(drive.until(20).lines().at(-1)).toBe(`10.000 * failed: ${why}`);
  });

  test("they do not spoil the good ones beside them", () => {
    const drive = new Drive();
    const addresses = [address("fe80::a"), address(a, { preferred: 3000 }), address(b), address("ff02::1")];
    drive.server = committing({ iaNa: [ia({ iaid: 1 }), ia({ t1: 9, t2: 8 }), ia({ addresses })] });
    expect(drive.start().until(1).lines().at(-1)).toBe("0.010 * obtained 2001:db8::b by rapid-commit");
  });

  test("the same address twice: the last word counts", () => {
    const drive = new Drive();
    drive.server = committing({ iaNa: [ia({ addresses: [address(a), address(a, { valid: 5000 })] })] });
    expect(drive.start().until(1).lines()).toContain("0.010 configure 2001:db8::a to 1000/5000");
  });

  test("granted for a second and confirmed only after its end: never used", () => {
    const short = { iaNa: [ia({ addresses: [address(a, { preferred: 1, valid: 1 })] })] };
    const drive = requesting();
    drive.message(reply(drive.lastSent, short));
    expect(drive.lines()[0]).toBe("1.500 configure 2001:db8::a to 2.05/2.05");
    const late = requesting().until(8);
    late.lines();
    late.message(reply(late.lastSent, short));
    expect(late.lines()).toEqual(["8.000 * ignored: the server's answer holds no usable address"]);
  });
});

describe("to the REQUEST", () => {
  test("other servers' REPLYs are ignored; so is an ADVERTISE with this xid", () => {
    const drive = requesting();
    const sent = drive.lastSent;
    drive.message(reply(sent, { serverId: server(2) })).message(advertise(sent));
    drive.message({ ...reply(sent), xid: 7 });
    expect(drive.lines()).toEqual([
      "1.500 * ignored: REPLY of another server than was chosen",
      "1.500 * ignored: ADVERTISE to a REQUEST",
      "1.500 * ignored: REPLY to another exchange (xid)",
    ]);
    expect(drive.message(reply(sent)).lines().at(-1)).toBe("1.500 * obtained 2001:db8::a by solicit");
  });

  test("a REPLY with other addresses than advertised: what is granted counts", () => {
    const drive = requesting();
    drive.message(reply(drive.lastSent, { iaNa: [ia({ addresses: [address(b)] })] }));
    expect(drive.lines().at(-1)).toBe("1.500 * obtained 2001:db8::b by solicit");
  });

  test("the server's words are printed as far as they can be", () => {
    const drive = requesting();
    const text = `\u001b[31mgo\taway\u0000 \ufffd ${"x".repeat(300)}`;
    drive.message(reply(drive.lastSent, { iaNa: [ia({ status: { code: 77, text } })] }));
    expect(drive.lines()[0]).toBe(
      `1.500 * ignored: the server refused (status 77): [31mgo away \ufffd ${"x".repeat(106)}`,
    );
  });
});

describe("RECONFIGURE (section 20.4): nobody can vouch for it", () => {
  const reconfigure = (over: Dhcp6Options = {}): Dhcp6Message => ({
    type: "reconfigure",
    xid: 0,
    options: { serverId: server(1), reconfigure: 5, auth: Uint8Array.of(3, 1, 0), ...over },
    unknown: [],
    malformed: [],
  });

  test("ignored in every state, and not even remarked while stopped", () => {
    const drive = new Drive().message(reconfigure());
    expect(drive.lines()).toEqual([]);
    drive.server = committing();
    drive.start().until(1);
    const { state } = drive;
    drive.lines();
    drive.message(reconfigure());
    expect(drive.lines()).toEqual(["1.000 * ignored: RECONFIGURE that nobody can vouch for"]);
    expect(drive.state).toEqual(state);
  });
});

test("ADVERTISE with the xid of a CONFIRM or a RENEW", () => {
  const confirming = new Drive().start(aLease());
  confirming.lines();
  confirming.message(advertise(confirming.lastSent));
  expect(confirming.lines()).toEqual(["0.000 * ignored: ADVERTISE while confirming"]);
  const renewing = new Drive();
  renewing.server = committing();
  renewing.start().until(1).server = silent;
  renewing.put({ kind: "retry" });
  renewing.lines();
  expect(renewing.message(advertise(renewing.lastSent)).lines()).toEqual([
    "1.000 * ignored: ADVERTISE while renewing",
  ]);
});

test("dnsmasq of old answers a REBIND without an IA: the lease lives on to its end", () => {
  const drive = new Drive();
  drive.server = (m) =>
    m.type === "rebind" ? [reply(m, { iaNa: [] })] : m.type === "renew" ? [] : serving()(m);
  drive.start().until(1999);
  expect(drive.state.main).toMatchObject({
    tag: "rebinding",
    held: { lease: { addresses: [{ address: ip("2001:db8::a") }] } },
  });
});
