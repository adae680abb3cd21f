import { expect, test } from "vitest";
import { FakeClock, settle } from "../../../test/support/fake-clock.ts";
import { FakeProcesses, MemoryFiles } from "../../../test/support/memory-files.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { millis, seconds } from "../../base/time.ts";
import { ip } from "../../plan/sample.fixture.ts";
import { dnsmasqMarker, LanService, servesDhcp } from "./lan-service.ts";

class Scene {
  readonly files = new MemoryFiles();
  readonly processes = new FakeProcesses();
  readonly log = new MemoryLog();
  readonly leases: string[] = [];
  readonly clock = new FakeClock();
  readonly service: LanService;
  constructor(more: { readonly systemResolvFile?: string } = {}) {
    this.service = new LanService({
      clock: this.clock,
      files: this.files,
      processes: this.processes,
      log: this.log,
      lanPort: "eth1",
      lan: { ip: ip("192.168.1.1"), length: 24 },
      poolStart: 100,
      poolSize: 150,
      verbose: true,
      stateDirectory: "/state",
      runtimeDirectory: "/run/gateway",
      onLeases: (leases) => this.leases.push(...leases.map((l) => `${l.mac} ${l.ip}`)),
      ...more,
    });
  }
}

test("dnsmasq runs with its configuration, found again by its marker", async () => {
  const { service, files, processes } = new Scene();
  await service.start();
  expect(files.texts.get("/run/gateway/dnsmasq.conf")).toMatchInlineSnapshot(`
    "# Written by the gateway at each start; changes are lost.
    keep-in-foreground
    log-facility=-
    user=root
    group=
    interface=eth1
    except-interface=lo
    bind-interfaces
    no-hosts
    bogus-priv
    domain-needed
    resolv-file=/run/gateway/resolv.conf
    no-ping
    dhcp-authoritative
    dhcp-range=192.168.1.100,192.168.1.249,255.255.255.0,12h
    dhcp-lease-max=150
    dhcp-leasefile=/state/dnsmasq.leases
    pid-file=
    "
  `);
  const [pid] = await processes.find(dnsmasqMarker("/run/gateway"));
  expect(processes.running.get(pid ?? 0)?.args).toEqual([dnsmasqMarker("/run/gateway")]);
  await service.stop();
  expect(processes.running.size).toBe(0);
});

test("the leases that are there, and each change of them, until it is stopped", async () => {
  const { service, files, leases, clock } = new Scene();
  const first = "1 00:11:22:33:44:51 192.168.1.100 cam *\n";
  await files.makeDirectory("/state");
  await files.write("/state/dnsmasq.leases", first);
  await service.start();
  expect(leases).toEqual(["00:11:22:33:44:51 192.168.1.100"]);
  for (const n of [2, 3, 4])
    await files.write("/state/dnsmasq.leases", `${first}1 00:11:22:33:44:5${n} 192.168.1.10${n} * *\n`);
  await settle();
  expect(leases.length).toBe(1);
  clock.pass(millis(500));
  await settle();
  expect(leases.slice(1)).toEqual(["00:11:22:33:44:51 192.168.1.100", "00:11:22:33:44:54 192.168.1.104"]);
  await files.write("/state/dnsmasq.leases", "1 00:11:22:33:44:53 192.168.1.102 * *\n");
  await service.stop();
  clock.pass(millis(500));
  await settle();
  expect(leases.length).toBe(3);
  expect(clock.pending).toBe(0);
});

test("a LAN port that was made anew has a dnsmasq of its own, unless the gateway stops meanwhile", async () => {
  const { service, processes, clock } = new Scene();
  const found = () => processes.find(dnsmasqMarker("/run/gateway"));
  await service.start();
  const [before] = await found();
  service.portBack();
  await clock.advance(seconds(2));
  expect(await found()).toEqual([before]);
  await clock.advance(seconds(1));
  const [after, ...more] = await found();
  expect([after === before, more]).toEqual([false, []]);
  service.portBack();
  await service.stop();
  await clock.advance(seconds(10));
  expect(await found()).toEqual([]);
});

test("an address that the LAN port gets later is served too, once however often it is told of", async () => {
  const { service, processes, clock } = new Scene();
  const found = async () => (await processes.find(dnsmasqMarker("/run/gateway")))[0];
  await service.start(["192.168.1.1"]);
  const before = await found();
  service.hasAddress("192.168.1.1");
  await clock.advance(seconds(5));
  expect(await found()).toBe(before);
  service.hasAddress("fd00:1::1");
  await clock.advance(seconds(5));
  const after = await found();
  expect(after).not.toBe(before);
  service.hasAddress("fd00:1::1");
  await clock.advance(seconds(5));
  expect(await found()).toBe(after);
  await service.stop();
});

test("resolvers known before the start are in the file from the start, later ones at once", async () => {
  const { service, files } = new Scene();
  await service.setResolvers([ip("192.0.2.53")]);
  expect(files.texts.size).toBe(0);
  await service.start();
  expect(files.texts.get("/run/gateway/resolv.conf")).toBe("nameserver 192.0.2.53\n");
  await service.setResolvers([ip("192.0.2.54"), ip("192.0.2.53")]);
  expect(files.texts.get("/run/gateway/resolv.conf")).toBe("nameserver 192.0.2.54\nnameserver 192.0.2.53\n");
});

test("the system's own server finds the resolvers where it was told to look, from the start and in a directory that is made", async () => {
  const file = "/tmp/resolv.conf.d/gateway.conf";
  const { service, files } = new Scene({ systemResolvFile: file });
  await service.start();
  expect(files.texts.get(file)).toBe("");
  await service.setResolvers([ip("192.0.2.53")]);
  expect(files.texts.get(file)).toBe("nameserver 192.0.2.53\n");
  expect(files.texts.get("/run/gateway/resolv.conf")).toBe("nameserver 192.0.2.53\n");
});

test("a disk that is full is said and stops nothing", async () => {
  const { service, files, log } = new Scene();
  await service.start();
  log.take();
  files.write = async () => {
    throw new Error("ENOSPC: no space left on device");
  };
  await service.setResolvers([ip("192.0.2.53")]);
  expect(log.take()).toEqual(["warn DHCP and DNS for the LAN: ENOSPC: no space left on device"]);
});

test("where the system serves DHCP, ours stays out of the way and that one's leases are read", async () => {
  const { service, files, processes, leases, log } = new Scene();
  const socket =
    "  12: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000   453        0 9 2 0 0";
  files.texts.set("/proc/net/udp", `  sl  local_address rem_address   st\n${socket}\n`);
  await files.makeDirectory("/tmp");
  await files.write("/tmp/dhcp.leases", "1 00:11:22:33:44:51 192.168.1.100 cam *\n");
  await service.start();
  expect(processes.running.size).toBe(0);
  expect(leases).toEqual(["00:11:22:33:44:51 192.168.1.100"]);
  expect(log.entries[0]?.message).toContain("UDP port 67 is taken");
  // That one may ask the resolvers of the devices' networks.
  await service.setResolvers(["198.51.100.1"]);
  expect([...files.texts].find(([path]) => path.endsWith("/resolv.conf"))?.[1]).toBe(
    "nameserver 198.51.100.1\n",
  );
  await service.stop();
});

test.each([
  [" 1: 0100007F:0035 00000000:0000 07", false],
  [" 1: 00000000:0044 00000000:0043 07", false],
  [" 1: 0101A8C0:0043 00000000:0000 07", true],
])("a DHCP server is seen in /proc/net/udp: %s -> %s", (line, serves) => {
  expect(servesDhcp(line)).toBe(serves);
});
