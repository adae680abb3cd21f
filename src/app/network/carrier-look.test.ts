import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { millis } from "../../base/time.ts";
import { CarrierLook } from "./carrier-look.ts";

function scene({ identities = 2 } = {}) {
  const clock = new FakeClock();
  const told: boolean[] = [];
  const ups: boolean[] = [];
  const asked: (readonly string[])[] = [];
  const followers = Array.from({ length: identities }, (_, n) => `gw00000000000${n + 1}`);
  const state = { carrier: true, looks: 0, fails: false, during: (): void => {} };
  const look: CarrierLook = new CarrierLook({
    clock,
    kernel: {
      carriers: async (ifnames) => {
        if (ifnames[0] === "eth0") state.looks++;
        else asked.push(ifnames);
        if (state.fails) throw new Error("no answer");
        const answer = new Map([["eth0", state.carrier]]);
        state.during();
        return answer;
      },
    },
    log: new MemoryLog(),
    port: "eth0",
    followers: () => followers,
    onEvent: (event) => {
      told.push(event.carrier);
      ups.push(event.up);
      look.kernelEvent(event);
    },
  });
  const kernelTells = (carrier: boolean, { gone = false, ifname = "eth0", up = true } = {}): void =>
    look.kernelEvent({ kind: "link", ifname, up, carrier, gone, mtu: 1500, group: "7171" });
  return { clock, told, ups, asked, state, look, kernelTells };
}

test("a carrier that is back is told before the kernel does, and once", async () => {
  const { clock, told, state, kernelTells } = scene();
  state.carrier = false;
  kernelTells(false);
  await clock.advance(millis(1000));
  expect([told, state.looks]).toEqual([[], 4]);
  state.carrier = true;
  await clock.advance(millis(250));
  expect(told).toEqual([true]);
  kernelTells(true);
  await clock.advance(millis(5000));
  expect(told).toEqual([true]);
});

test("so is one that goes again before the kernel told of anything", async () => {
  const { clock, told, state, kernelTells } = scene();
  state.carrier = false;
  kernelTells(false);
  state.carrier = true;
  await clock.advance(millis(250));
  state.carrier = false;
  await clock.advance(millis(250));
  expect(told).toEqual([true, false]);
});

test("each time the cable is back the kernel is asked for what follows it", async () => {
  const { clock, asked, state, kernelTells } = scene();
  kernelTells(true);
  kernelTells(false);
  state.carrier = false;
  await clock.advance(millis(1000));
  expect(asked).toEqual([]);
  state.carrier = true;
  await clock.advance(millis(250));
  expect(asked).toEqual([["gw000000000001", "gw000000000002"]]);
  kernelTells(true);
  kernelTells(false);
  kernelTells(true);
  expect(asked).toHaveLength(2);
});

test("so it is where the gateway began without a cable", async () => {
  const { asked, state, look, kernelTells } = scene();
  look.begin(false);
  kernelTells(false);
  expect([asked, state.looks]).toEqual([[], 0]);
  kernelTells(true);
  expect(asked).toHaveLength(1);
});

test("it looks for a minute after the last change, and not at all without one", async () => {
  const { clock, state, kernelTells } = scene({ identities: 0 });
  kernelTells(true);
  kernelTells(false, { ifname: "eth1" });
  await clock.advance(millis(1000));
  expect(state.looks).toBe(0);
  state.carrier = false;
  kernelTells(false);
  await clock.advance(millis(120_000));
  expect(state.looks).toBe(240);
});

test("a crowd for which the kernel needs longer is waited for", async () => {
  const { clock, state, kernelTells } = scene({ identities: 10_000 });
  state.carrier = false;
  kernelTells(false);
  await clock.advance(millis(300_000));
  expect(state.looks).toBe(4 * (60 + 100));
});

test("where news were lost it looks too", async () => {
  const { clock, told, state, look, kernelTells } = scene();
  kernelTells(true);
  state.carrier = false;
  look.kernelEvent({ kind: "resync" });
  await clock.advance(millis(250));
  expect(told).toEqual([false]);
});

test("an answer that is older than what the kernel told meanwhile counts for nothing", async () => {
  const { clock, told, state, kernelTells } = scene();
  state.carrier = false;
  kernelTells(false);
  state.carrier = true;
  state.during = () => {
    state.during = () => {};
    kernelTells(true);
    kernelTells(false);
    state.carrier = false;
  };
  await clock.advance(millis(500));
  expect(told).toEqual([]);
});

test("a port that has a carrier has been set up", async () => {
  const { clock, ups, state, kernelTells } = scene();
  state.carrier = false;
  kernelTells(false, { up: false });
  state.carrier = true;
  await clock.advance(millis(250));
  expect(ups).toEqual([true]);
});

test("a port that is gone is not looked at, a look that fails is tried again, and a stop ends it", async () => {
  const { clock, told, state, look, kernelTells } = scene();
  state.carrier = false;
  kernelTells(false);
  state.fails = true;
  await clock.advance(millis(500));
  state.fails = false;
  state.carrier = true;
  await clock.advance(millis(250));
  expect(told).toEqual([true]);
  kernelTells(false, { gone: true });
  const { looks } = state;
  await clock.advance(millis(1000));
  expect(state.looks).toBe(looks);
  kernelTells(true);
  look.stop();
  await clock.advance(millis(1000));
  expect(state.looks).toBe(looks);
});
