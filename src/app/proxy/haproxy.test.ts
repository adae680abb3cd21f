import { describe, expect, it } from "vitest";
import { FakeClock, settle } from "../../../test/support/fake-clock.ts";
import { HaproxyHost } from "../../../test/support/haproxy-host.ts";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import type { Ip4 } from "../../base/ip4.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { millis, seconds } from "../../base/time.ts";
import { autoPorts, exceptionsListener, type ProxyDesired, type ProxyDevice } from "../../plan/proxy.ts";
import { HaproxyProxy } from "./haproxy.ts";

const device = (n: number, more: Partial<ProxyDevice> = {}): ProxyDevice => ({
  mac: `00:00:5e:00:53:${n.toString(16).padStart(2, "0")}` as Mac,
  lanIp: `192.168.1.${n}` as Ip4,
  auto: true,
  addresses6: [`2001:db8::${n.toString(16)}` as Ip6],
  exceptions: [],
  ...more,
});

const desired = (devices: readonly ProxyDevice[], more: Partial<ProxyDesired> = {}): ProxyDesired => ({
  ports: autoPorts([
    { port: 8080, target: 80 },
    { port: 2323, target: 23 },
  ]),
  exceptionsListener,
  devices,
  stats: { address: "192.168.1.1" as Ip4, port: 8404, uri: "/stats" },
  sendProxy: false,
  ...more,
});

function bench(shared: Partial<{ files: MemoryFiles; host: HaproxyHost }> = {}) {
  const files = shared.files ?? new MemoryFiles();
  const host = shared.host ?? new HaproxyHost(files);
  const clock = new FakeClock();
  const log = new MemoryLog();
  const proxy = new HaproxyProxy({
    processes: host,
    sockets: host,
    files,
    clock,
    log,
    runtimeDirectory: "/run/gw",
    maxDevices: 100,
    logConnections: false,
  });
  const text = (name: string): string => files.texts.get(`/run/gw/${name}`) ?? "";
  return { files, host, clock, log, proxy, text };
}

type Bench = ReturnType<typeof bench>;

async function running(devices: readonly ProxyDevice[], b: Bench = bench()): Promise<Bench> {
  await b.proxy.start();
  b.proxy.update(desired(devices));
  await b.clock.advance(seconds(1));
  return b;
}

const servers = ({ host }: Bench): string[] => [...(host.worker?.servers.keys() ?? [])];
const addresses = ({ host }: Bench): Record<string, string> =>
  Object.fromEntries(host.worker?.maps.get("haproxy-devices.map") ?? []);

describe("what comes and goes with devices", () => {
  it("starts with all that is wanted, and needs no process or reload for more", async () => {
    const b = await running([device(1)]);
    expect(servers(b)).toEqual(["device_00005e005301"]);
    b.proxy.update(desired([device(1), device(2, { exceptions: [{ port: 8080, target: 5000 }] })]));
    await b.clock.advance(millis(200));
    expect(addresses(b)).toEqual({
      "2001:db8::1": "device_00005e005301",
      "2001:db8::2": "device_00005e005302",
    });
    expect([...(b.host.worker?.maps.get("haproxy-ports.map") ?? [])]).toEqual([
      ["device_00005e005302:8080", "5000"],
    ]);
    expect([b.host.starts.length, b.host.reloads]).toEqual([1, 0]);
    expect(b.log.take()).toEqual(["info HAProxy started"]);
  });

  it("takes a device away with its connections, as soon as these have ended", async () => {
    const b = await running([device(1), device(2)]);
    const server = b.host.worker?.servers.get("device_00005e005301");
    if (server) server.sessions = 2;
    b.proxy.update(desired([device(2)]));
    await b.clock.advance(millis(150));
    expect(addresses(b)).toEqual({ "2001:db8::2": "device_00005e005302" });
    expect(b.host.worker?.commands).toContain("shutdown sessions server devices/device_00005e005301");
    expect(servers(b)).toHaveLength(2);
    b.host.worker?.endSessions();
    await b.clock.advance(seconds(1));
    expect(servers(b)).toEqual(["device_00005e005302"]);
    expect(b.proxy.status().problems).toEqual([]);
  });

  it("takes a thousand changes within a tenth of a second in one pass", async () => {
    const b = await running([device(1)]);
    const asked = b.host.worker?.commands.length ?? 0;
    for (let n = 2; n < 200; n++) b.proxy.update(desired(Array.from({ length: n }, (_, i) => device(i + 1))));
    await b.clock.advance(millis(200));
    expect(servers(b)).toHaveLength(199);
    const questions = b.host.worker?.commands.slice(asked).filter((c) => c.startsWith("show"));
    expect(questions).toEqual(["show info"]);
  });

  it("mends by itself what somebody else changed", async () => {
    const b = await running([device(1)]);
    b.host.worker?.maps.get("haproxy-devices.map")?.clear();
    b.host.worker?.servers.clear();
    await b.clock.advance(seconds(31));
    expect(addresses(b)).toEqual({ "2001:db8::1": "device_00005e005301" });
  });

  it("keeps on disk what a crash needs, and is back within a second of one", async () => {
    const b = await running([device(1)]);
    b.proxy.update(desired([device(1), device(2)]));
    await b.clock.advance(millis(200));
    b.host.kill();
    expect(b.proxy.status()).toMatchObject({ running: false, summary: "HAProxy does not run" });
    await b.clock.advance(millis(200));
    expect(servers(b)).toHaveLength(2);
    expect(b.log.take()).toContain("warn HAProxy ended and is started again");
    expect(b.proxy.status()).toMatchObject({ running: true, problems: [] });
  });
});

describe("an instance of an earlier run", () => {
  it("goes on as it is until there is something to say, and needs no start", async () => {
    const before = await running([device(1)]);
    await before.proxy.stop();
    const b = bench({ files: before.files, host: before.host });
    await b.proxy.start();
    await b.clock.advance(seconds(60));
    expect(servers(b)).toEqual(["device_00005e005301"]);
    b.proxy.update(desired([device(2)]));
    await b.clock.advance(seconds(1));
    expect(servers(b)).toEqual(["device_00005e005302"]);
    expect([b.host.starts.length, b.host.reloads]).toEqual([1, 0]);
    expect(b.log.take()).toEqual(["info HAProxy of an earlier run is taken over"]);
  });

  it("is reloaded when its settings are others", async () => {
    const before = await running([device(1)]);
    await before.proxy.stop();
    const b = bench({ files: before.files, host: before.host });
    await b.proxy.start();
    b.proxy.update(desired([device(1)], { sendProxy: true }));
    await b.clock.advance(seconds(1));
    expect([b.host.starts.length, b.host.reloads]).toEqual([1, 1]);
    expect(b.text("haproxy.cfg")).toContain("send-proxy");
  });

  it("is not mistaken for a program that has taken its ports", async () => {
    const before = await running([device(1)]);
    await before.proxy.stop();
    const pid = before.host.worker?.pid;
    before.host.others = [{ address: "::1", port: 61_442, pid, program: "haproxy" }];
    const b = await running([device(1)], bench({ files: before.files, host: before.host }));
    expect(b.proxy.status().problems).toEqual([]);
    expect(b.host.reloads).toBe(0);
  });

  it("is left alone when it is another gateway's", async () => {
    const before = await running([device(1)]);
    await before.proxy.stop();
    before.host.strange = true;
    const b = await running([device(2)], bench({ files: before.files, host: before.host }));
    expect(b.host.starts).toHaveLength(2);
    expect(b.host.starts[1]?.join(" ")).not.toMatch(/-sf|-x/);
  });

  it("hands its sockets over when only its master does not answer", async () => {
    const before = await running([device(1)]);
    await before.proxy.stop();
    const old = [before.host.master, before.host.worker?.pid].map(String);
    before.host.masterSilent = true;
    const b = await running([device(2)], bench({ files: before.files, host: before.host }));
    expect(b.host.starts[1]?.slice(-5)).toEqual(["-x", "haproxy.sock", "-sf", ...old]);
    expect(servers(b)).toEqual(["device_00005e005302"]);
  });

  it("hands over to a new one when it does not answer", async () => {
    const b = await running([device(1)]);
    const old = [b.host.master, b.host.worker?.pid].map(String);
    b.host.silent = true;
    b.proxy.update(desired([device(2)]));
    await b.clock.advance(millis(150));
    expect(b.proxy.status().problems).toEqual([
      "Devices cannot be kept reachable by HAProxy: it does not answer.",
    ]);
    await b.clock.advance(seconds(1));
    b.host.silent = false;
    await b.clock.advance(seconds(10));
    expect(b.host.starts[1]?.slice(-3)).toEqual(["-sf", ...old]);
    expect(servers(b)).toEqual(["device_00005e005302"]);
    expect(b.proxy.status().problems).toEqual([]);
  });
});

describe("what goes wrong is named, and the rest goes on", () => {
  it("names a port that is taken and does without, until it is free", async () => {
    const b = bench();
    b.host.others = [
      { address: "::", port: 61_442, pid: 7, program: "sshd" },
      { address: "192.168.1.1", port: 8404, pid: undefined, program: undefined },
      { address: "127.0.0.1", port: 61_441, pid: 8, program: "elsewhere" },
    ];
    await running([device(1)], b);
    expect(b.proxy.status().problems).toEqual([
      "Port 61442 of ::1 is taken by sshd (process 7, on ::): WAN port 8080 over IPv6 does not work until it is free.",
      "Port 8404 of 192.168.1.1 is taken by another program: the statistics page of HAProxy does not work until it is free.",
    ]);
    expect(b.text("haproxy.cfg")).not.toMatch(/61442|stats enable/);
    expect(servers(b)).toHaveLength(1);
    b.host.others = [];
    await b.clock.advance(seconds(31));
    expect(b.text("haproxy.cfg")).toMatch(/61442[\s\S]*stats enable/);
    expect(b.host.reloads).toBe(1);
    await b.clock.advance(seconds(31));
    expect(b.proxy.status().problems).toEqual([]);
  });

  it("takes a port that has become free soon after devices change, though these are told alone", async () => {
    const b = bench();
    b.host.others = [{ address: "::", port: 61_442, pid: 7, program: "sshd" }];
    await running([device(1)], b);
    b.host.others = [];
    b.proxy.change(new Map([[device(2).mac, device(2)]]));
    await b.clock.advance(millis(200));
    expect([servers(b).length, b.host.reloads]).toEqual([2, 0]);
    await b.clock.advance(seconds(6));
    expect(b.host.reloads).toBe(1);
  });

  it("looks whether a port that comes later is to be had", async () => {
    const b = await running([device(1)]);
    b.host.others = [{ address: "::1", port: 61_443, pid: 7, program: "sshd" }];
    const ports = autoPorts([2323, 8080, 9090].map((port) => ({ port, target: 80 })));
    b.proxy.update(desired([device(1)], { ports }));
    await b.clock.advance(seconds(1));
    expect(b.proxy.status().problems.join()).toContain("WAN port 9090 over IPv6 does not work");
    expect(b.text("haproxy.cfg")).not.toContain("61443");
  });

  it("keeps the configuration that was accepted when another is not", async () => {
    const b = await running([device(1)]);
    b.host.refuses = "config : parsing [x:3] : unknown keyword 'foo'";
    b.proxy.update(desired([device(1), device(2)], { sendProxy: true }));
    await b.clock.advance(seconds(1));
    expect(b.proxy.status().problems).toEqual([
      "HAProxy does not accept its new configuration (parsing [x:3] : unknown keyword 'foo'); the one before stays in use.",
    ]);
    expect(servers(b)).toHaveLength(2);
    expect(b.text("haproxy.cfg")).toContain("device_00005e005302");
    expect(b.text("haproxy.cfg") + b.host.worker?.commands.join("\n")).not.toContain("send-proxy");
    expect(b.host.reloads).toBe(0);
    b.host.refuses = undefined;
    await b.clock.advance(seconds(31));
    expect(b.host.reloads).toBe(1);
    expect(b.proxy.status().problems).toEqual([]);
  });

  it("says that HAProxy is not installed, and starts it when it is", async () => {
    const b = bench();
    b.host.installed = false;
    await running([device(1)], b);
    expect(b.proxy.status().problems.join("\n")).toContain("the program haproxy is not installed");
    b.host.installed = true;
    await b.clock.advance(seconds(31));
    expect(servers(b)).toHaveLength(1);
    expect(b.proxy.status().problems).toEqual([]);
  });

  it("names a directory that cannot be written, and still serves who comes and goes", async () => {
    const b = await running([device(1)]);
    const write = b.files.write;
    b.files.write = async () => {
      throw new Error("EROFS: read-only file system");
    };
    b.proxy.update(desired([device(2)]));
    await b.clock.advance(seconds(1));
    expect(servers(b)).toEqual(["device_00005e005302"]);
    await b.clock.advance(seconds(5));
    expect(b.proxy.status().problems).toEqual([
      "HAProxy's files in /run/gw cannot be written: EROFS: read-only file system.",
    ]);
    b.files.write = write;
    await b.clock.advance(seconds(31));
    expect(b.text("haproxy-devices.map")).toBe("2001:db8::2 device_00005e005302\n");
    expect(b.proxy.status().problems).toEqual([]);
  });

  it("tries a start that fails again and again, less and less often", async () => {
    const b = bench();
    b.host.failsToStart = "cannot bind";
    let attempts = 0;
    const run = b.host.run.bind(b.host);
    b.host.run = async (command, args) => {
      if (args[0] !== "-c") attempts++;
      return run(command, args);
    };
    await running([device(1)], b);
    expect(b.proxy.status().problems).toEqual(["Devices cannot be kept reachable by HAProxy: cannot bind."]);
    await b.clock.advance(seconds(600));
    expect(attempts).toBeGreaterThan(20);
    expect(attempts).toBeLessThan(40);
    b.host.failsToStart = undefined;
    await b.clock.advance(seconds(31));
    expect(servers(b)).toHaveLength(1);
  });

  it("does not start one that dies at once again without a pause", async () => {
    const b = await running([device(1)]);
    for (let n = 0; n < 100; n++) {
      b.host.kill();
      await b.clock.advance(seconds(1));
    }
    expect(b.host.starts.length).toBeLessThan(15);
  });
});

describe("single devices", () => {
  const changes = (...devices: readonly ProxyDevice[]): Map<Mac, ProxyDevice> =>
    new Map(devices.map((d) => [d.mac, d]));
  const said = (b: Bench, from: number): string[] =>
    b.host.worker?.commands.slice(from).filter((c) => c !== "show info") ?? [];
  const count = (b: Bench): number => b.host.worker?.commands.length ?? 0;

  it("are told without a look at the others, the address after its server", async () => {
    const b = await running([device(1), device(2)]);
    const from = count(b);
    b.proxy.change(changes(device(3)));
    b.proxy.change(new Map([[device(1).mac, undefined]]));
    await b.clock.advance(millis(150));
    expect(said(b, from)).toEqual([
      "del map haproxy-devices.map 2001:db8::1",
      "set server devices/device_00005e005301 state maint",
      "shutdown sessions server devices/device_00005e005301",
      "del server devices/device_00005e005301",
      "add server devices/device_00005e005303 192.168.1.3 check port 80 inter 30s fastinter 5s downinter 15s rise 1 fall 2",
      "enable health devices/device_00005e005303",
      "set server devices/device_00005e005303 state ready",
      "add map haproxy-devices.map 2001:db8::3 device_00005e005303",
    ]);
    expect(b.proxy.status().summary).toBe("HAProxy 2.6.12: 2 devices; connections: 3");
  });

  it("move with another address, port or LAN address, and nothing is said of what is the same", async () => {
    const b = await running([device(1), device(2)]);
    const from = count(b);
    b.proxy.change(
      changes(device(1, { addresses6: ["2001:db8::9" as Ip6] }), device(2, { lanIp: "192.168.1.77" as Ip4 })),
    );
    b.proxy.change(changes(device(2, { lanIp: "192.168.1.77" as Ip4, check: 81 })));
    await b.clock.advance(millis(150));
    b.proxy.change(changes(device(2, { lanIp: "192.168.1.77" as Ip4, check: 81 })));
    await b.clock.advance(millis(150));
    expect(said(b, from)).toEqual([
      "del map haproxy-devices.map 2001:db8::1",
      "set server devices/device_00005e005302 addr 192.168.1.77",
      "set server devices/device_00005e005302 check-port 81",
      "add map haproxy-devices.map 2001:db8::9 device_00005e005301",
    ]);
  });

  it("are on disk some seconds later, the addresses in the order that holds, and when the gateway stops", async () => {
    const b = await running([device(1)]);
    const write = b.files.write.bind(b.files);
    const written: string[] = [];
    b.files.write = async (path, text) => {
      written.push(path.slice("/run/gw/".length));
      await write(path, text);
    };
    for (let n = 2; n < 6; n++) {
      b.proxy.change(changes(device(n)));
      await b.clock.advance(seconds(1));
    }
    expect(written).toEqual([]);
    await b.clock.advance(seconds(5));
    expect(written).toEqual(["haproxy.cfg", "haproxy-devices.map"]);
    expect(b.text("haproxy-devices.map").split("\n")).toHaveLength(6);
    b.proxy.change(new Map([[device(1).mac, undefined]]));
    await b.clock.advance(millis(200));
    await b.proxy.stop();
    expect(written.slice(2)).toEqual(["haproxy-devices.map", "haproxy.cfg"]);
  });

  it("are on disk within half a minute though something changes all the time", async () => {
    const b = await running([device(1)]);
    for (let n = 2; n < 37; n++) {
      b.proxy.change(changes(device(n)));
      await b.clock.advance(seconds(1));
    }
    expect(b.text("haproxy.cfg").match(/ server device_/g)?.length).toBeGreaterThan(25);
  });

  it("are served though HAProxy dies before they are on disk", async () => {
    const b = await running([device(1)]);
    b.proxy.change(changes(device(2)));
    await b.clock.advance(millis(200));
    b.host.kill();
    b.proxy.change(changes(device(3)));
    await b.clock.advance(seconds(1));
    expect(Object.keys(addresses(b))).toEqual(["2001:db8::1", "2001:db8::2", "2001:db8::3"]);
  });

  it.each<[string, (b: Bench) => void]>([
    ["another worker serves", ({ host }) => void (host.worker && host.worker.pid++)],
    [
      "a server is there already",
      ({ host }) => void host.worker?.servers.set("device_00005e005302", stranger),
    ],
    ["HAProxy does not answer once", ({ host }) => failOnce(host)],
  ])("make it look at all when %s", async (_, happens) => {
    const b = await running([device(1)]);
    const from = count(b);
    happens(b);
    b.proxy.change(changes(device(2)));
    await b.clock.advance(millis(400));
    expect(said(b, from).some((c) => c.startsWith("show servers"))).toBe(true);
    expect(addresses(b)).toEqual({
      "2001:db8::1": "device_00005e005301",
      "2001:db8::2": "device_00005e005302",
    });
    expect(b.host.worker?.servers.get("device_00005e005302")).toMatchObject({
      address: "192.168.1.2",
      ready: true,
    });
    expect(b.proxy.status().problems).toEqual([]);
  });
  const stranger = { address: "192.168.1.99", check: 1, ready: false, checked: false, sessions: 0 };
  const failOnce = (host: HaproxyHost): void => {
    host.silent = true;
    const { ask } = host;
    host.ask = async (path, line) => {
      host.ask = ask;
      try {
        return await ask.call(host, path, line);
      } finally {
        host.silent = false;
      }
    };
  };

  it("of two with one address the first has it, until it goes", async () => {
    const b = await running([device(1), device(2)]);
    b.proxy.change(changes(device(2, { addresses6: device(1).addresses6 })));
    await b.clock.advance(millis(200));
    expect(addresses(b)).toEqual({ "2001:db8::1": "device_00005e005301" });
    b.proxy.change(new Map([[device(1).mac, undefined]]));
    await b.clock.advance(millis(200));
    expect(addresses(b)).toEqual({ "2001:db8::1": "device_00005e005302" });
  });

  it("are nothing before the first whole", async () => {
    const b = bench();
    await b.proxy.start();
    b.proxy.change(changes(device(1)));
    await b.clock.advance(seconds(60));
    expect(b.host.starts).toEqual([]);
  });
});

it("leaves HAProxy running when the gateway stops, and asks nothing of it afterwards", async () => {
  const b = await running([device(1)]);
  b.proxy.update(desired([]));
  await b.proxy.stop();
  const told = b.host.worker?.commands.length;
  await b.clock.advance(seconds(120));
  await settle();
  expect(b.host.worker?.commands.length).toBe(told);
  expect(b.clock.pending).toBe(0);
});

it("sums up what it serves", async () => {
  const b = await running([device(1), device(2)]);
  expect(b.proxy.status().summary).toBe("HAProxy 2.6.12: 2 devices; connections: 3");
});
