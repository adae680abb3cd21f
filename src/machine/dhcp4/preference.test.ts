import { describe, expect, test } from "vitest";
import { seconds } from "../../base/time.ts";
import type { Dhcp4Options } from "../../wire/dhcp4/message.ts";
import { ack, aLease, Drive, ip, makeEnv, offer, reply, serving } from "./drive.fixture.ts";
import type { Dhcp4Env } from "./interface.ts";

/** A device that can do without IPv4 for as long as `can` says so, on a network whose servers have option 108. */
class Scene {
  can = true;
  readonly drive: Drive;

  constructor(wait: number | "never told" = 1800, fingerprint: Dhcp4Env["fingerprint"] = {}) {
    const scene = this;
    this.drive = new Drive({
      ...makeEnv({ fingerprint }),
      get v6Only() {
        return scene.can;
      },
    });
    const over: Dhcp4Options = wait === "never told" ? {} : { v6OnlyPreferred: wait };
    // Sent to whoever asks and to whoever does not, as some servers do.
    this.drive.server = serving(over);
  }
}

const asked = (drive: Drive): (readonly number[])[] =>
  drive.sent.map(({ options }) => options.parameterList ?? []);

describe("option 108 in an OFFER (RFC 8925 section 3.2)", () => {
  test("no REQUEST follows; DHCPv4 rests for V6ONLY_WAIT and begins anew", () => {
    const { drive } = new Scene(1800);
    expect(drive.start().until(1800).lines()).toEqual([
      "0.000 * discover 1/3",
      "0.000 DISCOVER to all secs=0",
      "0.010 * resting to 1800.01",
    ]);
    expect(drive.until(1801).lines()).toEqual([
      "1800.010 * discover 1/3",
      "1800.010 DISCOVER to all secs=0",
      "1800.020 * resting to 3600.02",
    ]);
  });

  test.each([
    [0, 300],
    [299, 300],
    [301, 301],
    [0xffffffff, 0xffffffff],
  ])("of %i s: the wait is %i s, never less than MIN_V6ONLY_WAIT", (told, waits) => {
    const { drive } = new Scene(told);
    expect(drive.start().until(1).lines().at(-1)).toBe(`0.010 * resting to ${waits + 0.01}`);
  });

  test("without an address in it: the same", () => {
    const { drive } = new Scene();
    drive.server = (m) => [reply(m, ip("0.0.0.0"), { messageType: "offer", v6OnlyPreferred: 600 })];
    expect(drive.start().until(1).lines().at(-1)).toBe("0.010 * resting to 600.01");
  });

  test.each([["link-changed"], ["moved"], ["retry"]] as const)("%s ends the wait", (kind) => {
    const { drive } = new Scene();
    drive.start().until(100).lines();
    drive.server = serving();
    expect(drive.put({ kind }).until(102).state.tag).toBe("announcing");
  });

  test("a forgotten device gives nothing back and stops", () => {
    const { drive } = new Scene();
    drive.start().until(100).lines();
    expect(drive.put({ kind: "release" }).until(5000).lines()).toEqual([]);
    expect(drive.state.tag).toBe("stopped");
  });
});

describe("a device that cannot do without IPv4", () => {
  test("asks for no such option and obeys none, not even where its own list has it", () => {
    const scene = new Scene(1800, { parameterList: [1, 108, 3] });
    scene.can = false;
    expect(scene.drive.start().until(2).state.tag).toBe("announcing");
    expect(asked(scene.drive)).toEqual([
      [1, 3],
      [1, 3],
    ]);
  });

  test("nor when it cannot any more once the OFFER comes, nor when it could not yet as it asked", () => {
    for (const can of [true, false]) {
      const scene = new Scene();
      scene.can = can;
      scene.drive.start();
      scene.can = !can;
      expect(scene.drive.until(2).state.tag).toBe("announcing");
    }
  });
});

test("the list is otherwise the device's own: 108 in its place where it stands there, else at the end", () => {
  for (const [own, sent] of [
    [
      [108, 3, 1],
      [108, 3, 1],
    ],
    [
      [6, 3, 1],
      [6, 3, 1, 108],
    ],
  ] as const) {
    const { drive } = new Scene("never told", { parameterList: own });
    drive.start().until(2000);
    expect(drive.sent.map((m) => m.options.messageType)).toEqual(["discover", "request", "request"]);
    expect(asked(drive)).toEqual([sent, sent, sent]);
  }
});

describe("option 108 in an ACK (RFC 8925 section 3.2)", () => {
  test("INIT-REBOOT: the address is given back, and DHCPv4 rests", () => {
    const { drive } = new Scene(600);
    drive.start(aLease()).lines();
    expect(drive.until(1).lines()).toEqual([
      "0.010 RELEASE to 192.0.2.1 secs=0 ciaddr=192.0.2.10 server=192.0.2.1",
      "0.010 deconfigure 192.0.2.10",
      "0.010 * released 192.0.2.10",
      "0.010 * resting to 600.01",
    ]);
  });

  test("INIT-REBOOT that did not ask for it: the address stays", () => {
    const scene = new Scene(600);
    scene.can = false;
    expect(scene.drive.start(aLease()).until(1).state.tag).toBe("bound");
  });

  test("after a REQUEST for an offer without it, and in a renewal: the address is kept", () => {
    const { drive } = new Scene();
    drive.server = (m) =>
      m.options.messageType === "discover" ? [offer(m)] : [ack(m, { v6OnlyPreferred: 600 })];
    drive.start().until(2);
    expect(drive.state.tag).toBe("announcing");
    drive.until(1900);
    expect(drive.sent.map((m) => m.options.messageType)).toEqual(["discover", "request", "request"]);
    expect(drive.state).toMatchObject({
      tag: "bound",
      held: { lease: { v6OnlyPreferred: 600, v6OnlyAsked: true } },
    });
  });
});

test("a lease tells whether the option was asked for", () => {
  const scene = new Scene("never told");
  scene.can = false;
  scene.drive.start().until(2);
  const [before] = scene.drive.effects.flatMap((e) => (e.kind === "configure" ? [e.lease] : []));
  expect(before?.v6OnlyAsked).toBeUndefined();
  scene.can = true;
  scene.drive.put({ kind: "link-changed" }).until(3);
  const [, after] = scene.drive.effects.flatMap((e) => (e.kind === "configure" ? [e.lease] : []));
  expect(after).toMatchObject({ v6OnlyAsked: true, acquiredAt: seconds(2) });
});
