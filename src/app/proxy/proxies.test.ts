import { expect, it } from "vitest";
import { FakeProcesses } from "../../../test/support/memory-files.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import type { Mac } from "../../base/mac.ts";
import type { ProxyChanges, ProxyDesired, ProxyDevice } from "../../plan/proxy.ts";
import { ip, mac } from "../../plan/sample.fixture.ts";
import { socatMarker } from "../../plan/socat.ts";
import type { ProxyBackend, ProxyStatus } from "./backend.ts";
import { chooseProxy, Proxies } from "./proxies.ts";

class Machine extends FakeProcesses {
  constructor(
    private readonly installed: readonly string[],
    private readonly version = "",
  ) {
    super();
  }
  override async has(command = ""): Promise<boolean> {
    return this.installed.includes(command);
  }
  override async run() {
    return { code: 0, output: this.version };
  }
}

class Recorder implements ProxyBackend {
  readonly calls: string[] = [];
  constructor(private readonly backend: ProxyStatus["backend"]) {}
  async start(): Promise<void> {
    this.calls.push("start");
  }
  update({ devices }: ProxyDesired): void {
    this.calls.push(`update ${devices.map(({ mac }) => mac)}`);
  }
  change(devices: ProxyChanges): void {
    this.calls.push(`change ${[...devices.keys()]}`);
  }
  async stop(): Promise<void> {
    this.calls.push("stop");
  }
  async use() {
    return undefined;
  }
  status(): ProxyStatus {
    return { backend: this.backend, running: true, summary: "", problems: [] };
  }
}

const recent = "HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/\n";
const older = "HA-Proxy version 2.4.22-f8e3218 2023/02/14 - https://haproxy.org/\n";

it.each([
  [["haproxy", "socat"], recent, "haproxy", "HAProxy 2.6.12-1+deb12u4"],
  [["haproxy"], "HAProxy version 3.5-dev5-50872daa6 2026/08/21\n", "haproxy", "HAProxy 3.5-dev5-50872daa6"],
  [["haproxy", "socat"], older, "socat", "HAProxy 2.4.22-f8e3218 is older than 2.6"],
  [["haproxy", "socat"], "Segmentation fault\n", "socat", "HAProxy does not tell its version"],
  [["socat"], "", "socat", "HAProxy is not installed"],
  [[], "", "haproxy", "HAProxy is not installed; socat is not installed either"],
])("of %j takes by itself the one that can (%#)", async (installed, version, kind, why) => {
  expect(await chooseProxy("auto", new Machine(installed, version))).toEqual({ kind, why });
});

it("takes the one that is asked for, whatever there is", async () => {
  const machine = new Machine(["haproxy"], recent);
  expect(await chooseProxy("socat", machine)).toEqual({ kind: "socat", why: "as configured" });
});

const nothing: ProxyDesired = { ports: [], exceptionsListener: 61_440, devices: [], sendProxy: false };

function bench(wanted: "auto" | "haproxy" | "socat") {
  const processes = new Machine(["haproxy", "socat"], recent);
  const log = new MemoryLog();
  const made = { haproxy: new Recorder("haproxy"), socat: new Recorder("socat") };
  const backends = { haproxy: () => made.haproxy, socat: () => made.socat };
  const proxies = new Proxies({ wanted, processes, log, runtimeDirectory: "/run/gw", backends });
  return { processes, log, made, proxies };
}

it("hands over what is wanted, also what was wanted before the start", async () => {
  const { proxies, made, log } = bench("auto");
  expect(proxies.status()).toBeUndefined();
  proxies.update(nothing);
  await proxies.start();
  proxies.update(nothing);
  await proxies.stop();
  expect(made.haproxy.calls).toEqual(["start", "update ", "update ", "stop"]);
  expect(made.socat.calls).toEqual([]);
  expect(proxies.status()?.backend).toBe("haproxy");
  expect(log.take()).toEqual(["info IPv6 clients reach the devices by haproxy (HAProxy 2.6.12-1+deb12u4)"]);
});

it.each([
  ["haproxy", "socat", socatMarker],
  ["socat", "haproxy", "/run/gw/haproxy.cfg"],
] as const)(
  "with %s, ends what an earlier run left of %s, and nothing else",
  async (wanted, other, marker) => {
    const { proxies, processes, log } = bench(wanted);
    for (const mark of [marker, "/run/gw/dnsmasq.conf"])
      await processes.supervise({ name: mark, command: "x", args: [], marker: mark });
    await proxies.start();
    expect([...processes.running.values()].map(({ name }) => name)).toEqual(["/run/gw/dnsmasq.conf"]);
    expect(log.take()).toContain(`info Ended ${other} of an earlier run`);
  },
);

it("keeps what is wanted up to date before the start, and hands changes on after it", async () => {
  const { proxies, made } = bench("auto");
  const of = (mac: Mac): ProxyDevice => ({
    mac,
    lanIp: ip("192.168.1.20"),
    auto: true,
    addresses6: [],
    exceptions: [],
  });
  const [a, b, c] = ["00:00:5e:00:53:01", "00:00:5e:00:53:02", "00:00:5e:00:53:03"].map(mac) as [
    Mac,
    Mac,
    Mac,
  ];
  proxies.change(new Map([[a, of(a)]]));
  proxies.update({ ...nothing, devices: [of(a), of(b)] });
  proxies.change(new Map([[c, of(c)]]));
  proxies.change(new Map([[a, undefined]]));
  await proxies.start();
  proxies.change(new Map([[b, undefined]]));
  expect(made.haproxy.calls).toEqual(["start", `update ${b},${c}`, `change ${b}`]);
});
