import { expect, test } from "vitest";
import { admitted, deviceAt, leaseAt, serving } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { parseCidr6 } from "../../base/cidr6.ts";
import { must } from "../../base/parsed.ts";
import { describeNetwork } from "../../config/state-network.ts";
import { ip } from "../../plan/sample.fixture.ts";
import { blank, type Device } from "../devices/device.ts";
import { type Network6, nothingHeard } from "../uplink6/network.ts";
import { DeviceFindings, networkFacts } from "./facts.ts";

const clock = new FakeClock();
const slaac = { autonomous: [must(parseCidr6("2001:db8:1::/64"))] };
const device = (over: Partial<Device>): Device => deviceAt(clock, over);
const found = (devices: readonly Device[]): DeviceFindings => {
  const findings = new DeviceFindings();
  for (const d of devices) findings.change(d, undefined);
  return findings;
};
const none = { prefixes: [] };
const failed6: Partial<Device> = { ipv6: { ...blank.ipv6, dhcp: { tag: "failed", reason: "no answer" } } };

test.each<[string, readonly Device[], Partial<Network6>]>([
  ["IPv4 not known yet, IPv6 not known yet", [device({})], {}],
  ["IPv4 by DHCP, IPv6 not known yet", [device(serving(leaseAt(clock.now())))], {}],
  ["no IPv4, no IPv6", [device({ ...admitted({ tag: "failed", reason: "no answer" }), ...failed6 })], {}],
  ["IPv4 not known yet, IPv6 by SLAAC (2001:db8:1::/64)", [device({})], slaac],
  [
    "IPv4 not known yet, IPv6 by SLAAC (2001:db8:1::/64) and stateful DHCPv6",
    [device({})],
    { ...slaac, managed: true, otherConfig: true },
  ],
  [
    "IPv4 not known yet, IPv6 by SLAAC (2001:db8:1::/64) and stateless DHCPv6",
    [device({})],
    { ...slaac, otherConfig: true },
  ],
])("%s", (text, devices, seen) => {
  expect(describeNetwork(networkFacts(found(devices), { ...nothingHeard, ...seen }, none))).toBe(text);
});

test("one device that fails does not make a family absent while others have it", () => {
  const devices = [
    device(admitted({ tag: "failed", reason: "no answer" })),
    device(serving(leaseAt(clock.now()))),
  ];
  expect(networkFacts(found(devices), nothingHeard, none).ipv4).toMatchObject({
    offer: "yes",
    servers: ["192.0.2.1"],
  });
});

test("devices that come, change and go leave what the others have found", () => {
  const findings = found([]);
  const facts = () => networkFacts(findings, nothingHeard, none);
  const at = (serverId: string) => device(serving(leaseAt(clock.now(), { serverId: ip(serverId) })));
  const [a, b, failed] = [at("192.0.2.1"), at("192.0.2.2"), device({ ...admitted(), ...failed6 })];
  findings.change(a, undefined);
  findings.change(b, undefined);
  findings.change(at("192.0.2.2"), undefined);
  expect(facts().ipv4).toMatchObject({ servers: ["192.0.2.1", "192.0.2.2"], routers: ["192.0.2.1"] });
  findings.change(at("192.0.2.1"), a);
  expect(facts().ipv4.servers, "a renewal").toEqual(["192.0.2.1", "192.0.2.2"]);
  findings.change(failed, a);
  expect(facts()).toMatchObject({ ipv4: { servers: ["192.0.2.2"] }, ipv6: { offer: "no" } });
  findings.change(undefined, b);
  expect(facts().ipv4.offer).toBe("yes");
  findings.change(undefined, b);
  findings.change(undefined, failed);
  expect(facts()).toMatchObject({ ipv4: { offer: "unknown", routers: [] }, ipv6: { offer: "unknown" } });
});
