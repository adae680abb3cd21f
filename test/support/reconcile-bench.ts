/** A reconciler on a kernel in memory, with devices set by the test. */
import type { PartialPlan } from "../../src/app/reconcile/blueprint.ts";
import { observe } from "../../src/app/reconcile/observe.ts";
import { type Pass, Reconciler } from "../../src/app/reconcile/reconciler.ts";
import type { World } from "../../src/app/reconcile/world.ts";
import { contains6 } from "../../src/base/cidr6.ts";
import { ip4FromNumber } from "../../src/base/ip4.ts";
import type { Ip6 } from "../../src/base/ip6.ts";
import { type Mac, macFromBytes } from "../../src/base/mac.ts";
import { millis } from "../../src/base/time.ts";
import { type DevicePlan, planDesired } from "../../src/plan/desired.ts";
import type { Network6Plan } from "../../src/plan/desired6.ts";
import { type Action, diff } from "../../src/plan/diff.ts";
import { identityName } from "../../src/plan/marks.ts";
import type { Observed } from "../../src/plan/observe.ts";
import type { ResourceMap } from "../../src/plan/resource.ts";
import { anywhere, gateway, ip, mac, router } from "../../src/plan/sample.fixture.ts";
import { planPortSysctls } from "../../src/plan/sysctls.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeKernel } from "./fake-kernel.ts";
import { MemoryLog } from "./memory-log.ts";

export const wideGateway = { ...gateway, lan: { ip: ip("192.168.0.1"), length: 22 } };

/** Device `n` of 1 to 1000: LAN address 192.168.0.0 + n + 10, WAN address 198.18.0.0 + n. */
export const deviceNumber = (n: number): DevicePlan => ({
  mac: macFromBytes(Uint8Array.of(0, 0x11, 0x22, 0x33, n >> 8, n & 255)),
  lanIp: ip4FromNumber(0xc0a80000 + n + 10),
  ipv4: {
    address: ip4FromNumber(0xc6120000 + n),
    prefixLength: 16,
    routes: [{ destination: anywhere, router }],
  },
});

export class Bench {
  readonly clock = new FakeClock();
  readonly kernel = new FakeKernel();
  readonly log = new MemoryLog();
  readonly passes: Pass[] = [];
  devices: readonly DevicePlan[] = [];
  /** Of a device with `ipv6`, what the kernel made of these prefixes is wanted besides. */
  network6: Network6Plan = { routers: [], onLink: [] };
  /** Whether passes for a few devices are possible; never before the first whole one. */
  parts = false;
  neighbours = new Map([[router, mac("00:aa:00:00:00:01")]]);
  readonly reconciler = new Reconciler({
    kernel: this.kernel,
    clock: this.clock,
    log: this.log,
    ruleset: wideGateway,
    desire: (observed) => this.desire(observed),
    foresee: (observed) => this.desire(observed),
    desireSome: (macs, world) => (this.parts ? this.#some(macs, world) : undefined),
    onPass: (pass) => this.passes.push(pass),
  });

  desire(observed: Observed): ResourceMap {
    const { lanPort, wanPort, lan } = wideGateway;
    const lender = this.devices.find((d) => d.ipv4);
    const lender6 = this.devices.find((d) => d.ipv6);
    const devices = this.devices.map((d) => this.#withMade(d, observed));
    return planDesired(wideGateway, devices, {
      wanMtu: observed.ports.get(wanPort)?.mtu ?? 1500,
      neighbours: this.neighbours,
      lanAddressPresent: observed.foreignAddresses.has(`${lanPort} ${lan.ip}/${lan.length}`),
      ...(lender ? { borrowed: lender.mac } : {}),
      addresses6: observed.addresses6,
      network6: this.network6,
      ...(lender6 ? { borrowed6: lender6.mac } : {}),
    });
  }

  #some(macs: ReadonlySet<Mac>, world: World): PartialPlan {
    const ifnames = new Set([...macs].map(identityName));
    const own = [...this.desire(world)].filter(([, r]) => "ifname" in r && ifnames.has(r.ifname));
    return { desired: new Map(own), former: new Set() };
  }

  #withMade(device: DevicePlan, { addresses6 }: Observed): DevicePlan {
    if (!device.ipv6) return device;
    const facts = addresses6.get(identityName(device.mac)) ?? [];
    const current = (ip: Ip6): boolean => this.network6.onLink.some((prefix) => contains6(prefix, ip));
    const slaac = facts.filter((f) => f.origin === "slaac" && current(f.ip)).map((f) => f.ip);
    return { ...device, ipv6: { ...device.ipv6, slaac } };
  }

  /** Asks for one pass and waits for it. */
  async pass(): Promise<void> {
    this.reconciler.request();
    await this.clock.advance(millis(5));
  }

  /** What is still to be done, from a look of our own. */
  async open(): Promise<Action[]> {
    const observed = await observe(
      this.kernel,
      planPortSysctls(wideGateway).map((s) => s.key),
    );
    return diff(this.desire(observed), observed.resources);
  }
}
