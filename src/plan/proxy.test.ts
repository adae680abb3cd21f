import { expect, it } from "vitest";
import { autoPorts, exceptionsListener, listenerPorts } from "./proxy.ts";

it("gives each port a listener of its own above that of the exceptions, whatever the order", () => {
  const listeners = listenerPorts([{ port: 8080 }, { port: 23 }, { port: 8080 }]);
  expect([...listeners]).toEqual([
    [23, exceptionsListener + 1],
    [8080, exceptionsListener + 2],
  ]);
  expect([...listenerPorts([{ port: 23 }, { port: 8080 }])]).toEqual([...listeners]);
});

it("keeps the order of ports and takes the first of several entries for one port", () => {
  const ports = [
    { port: 5900, target: 5901 },
    { port: 5900, target: 5900 },
    { port: 80, target: 80 },
  ];
  expect(autoPorts(ports)).toEqual([
    { port: 5900, target: 5901, listener: 61442 },
    { port: 80, target: 80, listener: 61441 },
  ]);
});
