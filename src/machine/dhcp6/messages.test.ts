import { describe, expect, test } from "vitest";
import { duidLl, iaidOf } from "../../wire/dhcp6/duid.ts";
import type { Dhcp6Message } from "../../wire/dhcp6/message.ts";
import { a, aLease, committing, Drive, device, makeEnv, server, serving, silent } from "./drive.fixture.ts";

/** The first message of each type that a client sends in its life. */
function lifeOf(hostName?: string): Map<string, Dhcp6Message> {
  const env = makeEnv(hostName === undefined ? {} : { hostName });
  const drive = new Drive(env);
  drive.server = serving();
  drive.start().until(2);
  drive.server = silent;
  drive.until(900).put({ kind: "release" });
  const others = new Drive(env).start(aLease());
  others.dad(a).start(undefined, "stateless");
  const firsts = new Map<string, Dhcp6Message>();
  for (const m of [...drive.sent, ...others.sent]) if (!firsts.has(m.type)) firsts.set(m.type, m);
  return firsts;
}

const ids = { clientId: duidLl(device), elapsed: 0 };
const iaNa = (addresses: readonly string[]) => [
  {
    iaid: iaidOf(device),
    t1: 0,
    t2: 0,
    addresses: addresses.map((address) => ({ address, preferred: 0, valid: 0 })),
  },
];
const requestList = [23, 24, 56, 82];

describe("options (RFC 8415 sections 16 and 18.2, 21.7, 21.24, 21.25)", () => {
  test.each([
    ["solicit", { iaNa: iaNa([]), requestList, rapidCommit: true }],
    ["request", { serverId: server(1), iaNa: iaNa([a]), requestList }],
    ["confirm", { iaNa: iaNa([a]) }],
    ["renew", { serverId: server(1), iaNa: iaNa([a]), requestList }],
    ["rebind", { iaNa: iaNa([a]), requestList }],
    ["release", { serverId: server(1), iaNa: iaNa([a]) }],
    ["decline", { serverId: server(1), iaNa: iaNa([a]) }],
    ["information-request", { requestList: [23, 24, 32, 56, 83] }],
  ])("%s", (type, options) => {
    expect(lifeOf().get(type)?.options).toEqual({ ...ids, ...options });
  });

  test("exchanges have ids of their own, of 24 bits", () => {
    const xids = [...lifeOf().values()].map((m) => m.xid);
    const drive = new Drive();
    drive.server = committing();
    const later = drive
      .start()
      .until(2000)
      .sent.map((m) => m.xid);
    expect(new Set(later).size).toBe(later.length);
    for (const xid of [...xids, ...later]) expect(xid).toBe(xid & 0xffffff);
  });
});

describe("option 39 (RFC 4704 sections 4 and 5)", () => {
  test("with flags 0, in SOLICIT, REQUEST, RENEW and REBIND only", () => {
    const named = [...lifeOf("printer-3").values()].filter((m) => m.options.fqdn);
    expect(named.map((m) => m.type)).toEqual(["solicit", "request", "renew", "rebind"]);
    for (const m of named) expect(m.options.fqdn).toEqual({ flags: 0, name: "printer-3" });
  });

  test.each(["a", "PRINTER", "tv.living-room", "x".repeat(63)])("%s is a host name", (name) => {
    expect(lifeOf(name).get("solicit")?.options.fqdn?.name).toBe(name);
  });

  test.each([
    "",
    "-a",
    "a-",
    "a..b",
    "a.",
    "a b",
    "a_b",
    "möbel",
    "x".repeat(64),
    "*",
    "a\n",
    Array.from({ length: 5 }, () => "x".repeat(60)).join("."),
  ])("%j is none", (name) => {
    expect(lifeOf(name).get("solicit")?.options.fqdn).toBeUndefined();
  });
});
