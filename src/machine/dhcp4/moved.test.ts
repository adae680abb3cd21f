import { describe, expect, test } from "vitest";
import { aLease, Drive, serving, silent } from "./drive.fixture.ts";

const bound = () => {
  const drive = new Drive();
  drive.server = serving();
  drive.start().until(5);
  drive.server = silent;
  drive.lines();
  return drive;
};

const anew = (stamp: string) => [`${stamp} * discover 1/3`, `${stamp} DISCOVER to all secs=0`];

describe("the WAN is another network", () => {
  test.each([
    ["bound", 5],
    ["renewing", 1800],
    ["rebinding", 3200],
  ])("while %s: the address goes at once, no server is told, a new one is asked for", (tag, at) => {
    const drive = bound().until(at);
    expect(drive.state.tag).toBe(tag);
    drive.lines();
    const stamp = at.toFixed(3);
    expect(drive.put({ kind: "moved" }).lines()).toEqual([
      `${stamp} deconfigure 192.0.2.10`,
      `${stamp} * lost 192.0.2.10: the WAN is another network now`,
      ...anew(stamp),
    ]);
    expect(drive.state.tag).toBe("selecting");
  });

  test("while a stored lease is being verified, and before the second announcement: the same", () => {
    const rebooting = new Drive().start(aLease()).until(1);
    rebooting.lines();
    expect(rebooting.put({ kind: "moved" }).lines()).toContain("1.000 deconfigure 192.0.2.10");
    expect(rebooting.state.tag).toBe("selecting");
    const announcing = new Drive();
    announcing.server = serving();
    announcing.start().until(1);
    expect(announcing.state.tag).toBe("announcing");
    expect(announcing.put({ kind: "moved" }).lines()).toContain("1.000 deconfigure 192.0.2.10");
  });

  test("while probing: the grant is forgotten, without RELEASE or DECLINE", () => {
    const drive = new Drive();
    drive.server = serving();
    drive.start().until(0.1);
    drive.lines();
    expect(drive.put({ kind: "moved" }).lines()).toEqual(anew("0.100"));
  });

  test("without an address: attempts start from 1 at once", () => {
    const drive = new Drive().start();
    for (const [at, tag] of [
      [1, "selecting"],
      [17, "waiting"],
      [150, "failed"],
    ] as const) {
      drive.until(at);
      expect(drive.state.tag).toBe(tag);
      expect(drive.put({ kind: "moved" }).lines().slice(-2)).toEqual(anew(at.toFixed(3)));
    }
  });

  test("stopped: nothing", () => {
    const drive = new Drive().put({ kind: "moved" });
    expect(drive.lines()).toEqual([]);
    expect(drive.state).toEqual({ tag: "stopped" });
  });
});
