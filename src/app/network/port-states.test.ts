import { expect, test } from "vitest";
import type { Observed } from "../../plan/observe.ts";
import { PortStates } from "./port-states.ts";

const observed = {
  ports: new Map([["eth0", { mac: undefined, mtu: 1500, up: true, carrier: true }]]),
} as unknown as Observed;
const link = {
  kind: "link",
  ifname: "eth0",
  up: true,
  carrier: true,
  gone: false,
  mtu: 1500,
  group: "",
} as const;

test("a port is as the kernel told last, and until then as it was seen", () => {
  const states = new PortStates(["eth0"]);
  const state = (): string => states.of("eth0", observed);
  expect([state(), states.of("eth1", observed)]).toEqual(["up", "missing"]);
  const told = [{ ...link, carrier: false }, { ...link, up: false }, { ...link, gone: true }, link].map(
    (event) => {
      states.kernelEvent(event);
      return state();
    },
  );
  expect(told).toEqual(["no carrier", "down", "missing", "up"]);
});

test("other interfaces are no ports, and what was told before events were lost counts no more", () => {
  const states = new PortStates(["eth0"]);
  states.kernelEvent({ ...link, ifname: "gw02005e100001", gone: true });
  expect(states.of("gw02005e100001", undefined)).toBe("missing");
  states.kernelEvent({ ...link, carrier: false });
  states.kernelEvent({ kind: "resync" });
  expect(states.of("eth0", observed)).toBe("up");
});
