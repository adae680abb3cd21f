import { beforeEach, expect, test } from "vitest";
import type { ProxyDesired } from "../../plan/proxy.ts";
import { ip, ip6, mac } from "../../plan/sample.fixture.ts";
import type { Log } from "../../ports/log.ts";
import type { Processes, ProcessSpec } from "../../ports/processes.ts";
import { SocatBackend } from "./socat.ts";

const camera = mac("00:00:5e:00:53:01");

const desired = (ports: readonly number[], sendProxy = false): ProxyDesired => ({
  ports: ports.map((port) => ({ port, target: port, listener: 1 })),
  exceptionsListener: 61440,
  sendProxy,
  devices: [
    { mac: camera, lanIp: ip("192.168.1.20"), auto: true, addresses6: [ip6("2001:db8::1")], exceptions: [] },
  ],
});

let live: Map<string, ProcessSpec>;
let warnings: string[];
let ended: number[];

const processes = {
  supervise: async (spec: ProcessSpec) => {
    const port = /LISTEN:(\d+)/.exec(spec.args.join(" "))?.[1] ?? "";
    live.set(port, spec);
    return { pid: 1, reload() {}, stop: async () => void live.delete(port), leave() {} };
  },
  find: async () => [11, 12],
  listeners: async () => [{ address: "2001:db8::1", port: 80, pid: 11, program: "socat" }],
  end: async (pids: readonly number[]) => void ended.push(...pids),
} as unknown as Processes;

const log = {
  debug() {},
  info() {},
  warn: (text: string) => void warnings.push(text),
  error() {},
} as unknown as Log;

const settled = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  live = new Map();
  warnings = [];
  ended = [];
});

test("at the start listeners of an earlier run end, and not those that serve a connection", async () => {
  await new SocatBackend({ processes, log, limit: 9 }).start();
  expect(ended).toEqual([11]);
});

test("processes follow what is wanted", async () => {
  const backend = new SocatBackend({ processes, log, limit: 9 });
  backend.update(desired([80, 23]));
  await settled();
  expect([...live.keys()]).toEqual(["80", "23"]);
  backend.update(desired([23, 443]));
  await settled();
  expect([...live.keys()]).toEqual(["23", "443"]);
  expect(backend.status()).toMatchObject({
    running: true,
    summary: "socat: 2 processes for 1 devices",
    problems: [],
  });
});

test("more than the limit is refused in words, once", async () => {
  const backend = new SocatBackend({ processes, log, limit: 2 });
  backend.update(desired([1, 2, 3]));
  backend.update(desired([1, 2, 3]));
  await settled();
  expect(live.size).toBe(2);
  expect(warnings).toHaveLength(1);
  expect(backend.status().problems[0]).toMatch(
    /^1 of 3 IPv6 forwards are not served: .* proxy\.socat_limit is 2/,
  );
});

test("one that ends again and again is named with its reason, until it has settled", async () => {
  const backend = new SocatBackend({ processes, log, limit: 9 });
  backend.update(desired([80]));
  await settled();
  const spec = live.get("80");
  spec?.onLine?.("2026/11/24 04:28:41 ipv4-ipv6-gateway[29] E bind(5, …): Address already in use");
  spec?.onExit?.("exit code 1", 500);
  expect(backend.status().running).toBe(false);
  expect(backend.status().problems).toEqual([
    "socat for [2001:db8::1]:80 to 192.168.1.20:80 (device 00:00:5e:00:53:01): it ends again and again (exit code 1: E bind(5, …): Address already in use)",
  ]);
  spec?.onSettled?.();
  expect(backend.status()).toMatchObject({ running: true, problems: [] });
});

test("the PROXY protocol is not promised", async () => {
  const backend = new SocatBackend({ processes, log, limit: 9 });
  backend.update(desired([80], true));
  await settled();
  expect(backend.status().problems[0]).toMatch(/^socat knows no PROXY protocol/);
});

test("the change of one device touches its own processes alone", async () => {
  const backend = new SocatBackend({ processes, log, limit: 9 });
  const printer = mac("00:00:5e:00:53:02");
  const [first] = desired([]).devices;
  if (!first) throw new Error("no device");
  const second = { ...first, mac: printer, auto: false, exceptions: [{ port: 9000, target: 1 }] };
  backend.change(new Map([[printer, second]]));
  backend.update(desired([80]));
  await settled();
  const before = live.get("80");
  backend.change(new Map([[printer, second]]));
  await settled();
  expect([...live.keys()]).toEqual(["80", "9000"]);
  backend.change(new Map([[printer, { ...second, exceptions: [{ port: 9001, target: 1 }] }]]));
  await settled();
  expect([...live.keys()]).toEqual(["80", "9001"]);
  backend.change(new Map([[printer, undefined]]));
  await settled();
  expect([...live.keys()]).toEqual(["80"]);
  expect(live.get("80")).toBe(before);
});

test("a change at the limit puts what people asked for first", async () => {
  const backend = new SocatBackend({ processes, log, limit: 1 });
  backend.update(desired([80]));
  await settled();
  const [first] = desired([]).devices;
  if (!first) throw new Error("no device");
  const printer = { ...first, mac: mac("00:00:5e:00:53:02"), auto: false };
  backend.change(new Map([[printer.mac, { ...printer, exceptions: [{ port: 9000, target: 1 }] }]]));
  await settled();
  expect([...live.keys()]).toEqual(["9000"]);
  expect(warnings).toHaveLength(1);
  backend.change(new Map([[printer.mac, undefined]]));
  await settled();
  expect([...live.keys()]).toEqual(["80"]);
});

test("one that is not wanted any more while it is started does not stay", async () => {
  const backend = new SocatBackend({ processes, log, limit: 9 });
  backend.update(desired([80, 23]));
  backend.change(new Map([[camera, undefined]]));
  await settled();
  expect([...live.keys()]).toEqual([]);
});
