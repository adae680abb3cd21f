/** What users of the original search its log for, from its README and scripts; our lines are found by the same. */
import { expect, it } from "vitest";
import { camera, printer } from "../../test/support/devices.ts";
import { GatewayBench } from "../../test/support/gateway-bench.ts";
import { seconds } from "../base/time.ts";
import { ip } from "../plan/sample.fixture.ts";
import { Progress } from "./devices/progress.ts";

const searches: readonly (readonly [what: string, search: RegExp, line: RegExp])[] = [
  ["a device by its MAC", new RegExp(camera), /New device discovered: 00:/],
  ["errors", /ERROR/, /ERROR Device .* failed: no answer to DHCP/],
  ["all of DHCPv4", /dhcpv4/i, /DHCPv4 requested for/],
  ["addresses", /DHCPv4.*(obtained|success)/i, /DHCPv4 obtained for .*: 192\.0\.2\.10/],
  ["failures of DHCP", /dhcp.*fail|dhcp.*error|dhcp.*timeout/i, /DHCPv4 attempt 1\/2 failed for/],
  ["new devices", /New device/, /New device discovered/],
  ["what is configured", /Device .* configured/, /Device .* configured: WAN IPv4 192\.0\.2\.10/],
  ["addresses on the WAN", /Device.*WAN IPv4/, /configured: WAN IPv4/],
  ["IPv6 on the WAN", /Device.*WAN IPv6/, /configured: WAN IPv6 2001:db8::1 on/],
];

it("finds our lines by the original's searches", async () => {
  const bench = new GatewayBench();
  bench.server.addresses.set(camera, ip("192.0.2.10"));
  await bench.start();
  bench.comes(camera, ip("192.168.1.10"), "cam");
  bench.comes(printer, ip("192.168.1.11"));
  await bench.clock.advance(seconds(30));
  const { registry } = bench.gateway;
  const progress = new Progress(registry, bench.log, () => bench.clock.now());
  const address = { ip: "2001:db8::1" as never, origin: "slaac", state: "usable" } as const;
  progress.found6(camera, [address], true, "answered");
  const lines = bench.log.entries.map(({ level, message }) => `${level.toUpperCase()} ${message}`);
  await bench.gateway.stop();
  for (const [what, search, line] of searches) {
    const found = lines.filter((text) => search.test(text));
    expect(
      found.some((text) => line.test(text)),
      `${what}: ${found.join("\n")}`,
    ).toBe(true);
  }
});
