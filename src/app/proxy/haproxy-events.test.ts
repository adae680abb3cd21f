import { expect, it } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { seconds } from "../../base/time.ts";
import { HaproxyEvents } from "./haproxy-events.ts";

function bench() {
  const ring: string[] = [];
  const clock = new FakeClock();
  const log = new MemoryLog();
  const asked: string[] = [];
  let fails = false;
  const sockets = {
    ask: async (path: string, line: string) => {
      asked.push(`${path} ${line}`);
      if (fails) throw new Error("gone");
      return `${ring.join("\n")}\n\n`;
    },
  };
  const events = new HaproxyEvents({ sockets, clock, log }, "/run/gw/haproxy.sock");
  events.start();
  return { ring, clock, log, asked, events, fail: (now: boolean) => (fails = now) };
}

const at = (n: number, text: string): string => `2026-01-01T00:00:00.00000${n}+00:00 ${text}`;
const ended = "client=2001:db8::9 client_port=4 address=2001:db8::1 port=8080 server=device_1 end=--";

it("logs each event once, connections with their fields, at debug only", async () => {
  const b = bench();
  b.ring.push(at(1, "Server devices/device_1 is DOWN"), at(2, ended));
  await b.clock.advance(seconds(2));
  b.ring.push(at(3, ended));
  await b.clock.advance(seconds(10));
  const connection = {
    level: "debug",
    message: "IPv6 connection ended",
    fields: {
      client: "2001:db8::9",
      client_port: "4",
      address: "2001:db8::1",
      port: "8080",
      server: "device_1",
      end: "--",
    },
  };
  expect(b.log.entries).toEqual([
    { level: "debug", message: "HAProxy: Server devices/device_1 is DOWN", fields: undefined },
    connection,
    connection,
  ]);
  expect(b.asked[0]).toBe("/run/gw/haproxy.sock show events gateway");
});

it("goes on after a time without answers, with the ring of another worker", async () => {
  const b = bench();
  b.ring.push(at(1, "one"));
  await b.clock.advance(seconds(2));
  b.fail(true);
  await b.clock.advance(seconds(4));
  b.fail(false);
  b.ring.splice(0, 1, at(7, "two"));
  await b.clock.advance(seconds(2));
  expect(b.log.entries.map(({ message }) => message)).toEqual(["HAProxy: one", "HAProxy: two"]);
});

it("asks nothing more after it was stopped", async () => {
  const b = bench();
  await b.clock.advance(seconds(2));
  b.events.stop();
  await b.clock.advance(seconds(10));
  expect(b.asked).toHaveLength(1);
  expect(b.clock.pending).toBe(0);
});
