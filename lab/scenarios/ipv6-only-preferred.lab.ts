/** Networks that have IPv4 and ask hosts to do without it (RFC 8925): devices whose IPv4 can be translated give theirs back. */
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import { scenario } from "../scenario.ts";
import { diagnose } from "../suites/diagnose.ts";
import {
  addDhcpDevice,
  expectNoDrops,
  expectReachesInternet,
  identityAddresses,
  registered,
  server,
  startGateway,
  waitForLease,
} from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { expectNoTranslator, expectTranslated, nat64Prefix, waitForTranslation } from "../suites/xlat.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";

const [, second] = registered(1, 2);
const both = {
  ...{ registered: registered(1, 2), clients: 0, dhcpOptions: { v6OnlySeconds: 1800 } },
  ipv6: { nat64: nat64Prefix, pref64: nat64Prefix },
} as const;
const config = { ...quick6, xlat464: { exclude: [deviceMac(2)] } };
const preference =
  /^the network prefers IPv6 only \(RFC 8925\), DHCPv4 rests until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; /;

/** The device holds nothing of IPv4, and the server has its address back. */
async function waitForRest(lab: Lab, mac: string): Promise<void> {
  const { reason } = await waitForTranslation(lab, mac, 30_000);
  expect(reason).toMatch(preference);
  await waitFor("no IPv4 address is left", async () => (await identityAddresses(lab, mac)).length === 0);
  await waitFor("the server has the address back", async () =>
    (await server(lab).leases()).every((lease) => lease.mac !== mac),
  );
}

/** DHCPv4 messages of the device in the server's log, one word each, from this line on. */
const heard = (lab: Lab, mac: string, from: number): string =>
  server(lab)
    .log()
    .slice(from)
    .filter((line) => line.includes(mac))
    .flatMap((line) => /DHCP(DISCOVER|OFFER|REQUEST|ACK|RELEASE)/.exec(line)?.[1] ?? [])
    .join(" ");

scenario(
  "option 108 of dnsmasq: the device is translated, an excluded one keeps IPv4; a restart asks once and requests nothing",
  { wan: both },
  async (lab) => {
    await startGateway(lab, config);
    const device = await addDhcpDevice(lab, 1);
    const excluded = await addDhcpDevice(lab, 2);
    await Promise.all([device.waitForIp(), excluded.waitForIp()]);
    await waitForRest(lab, device.mac);
    await expectTranslated(lab, device);
    await expectReachesInternet(lab, excluded, await waitForLease(lab, second ?? ""));

    const { findings } = await diagnose(lab);
    expect(findings.filter(({ check }) => check === "devices" || check === "unanswered")).toMatchObject([
      { severity: "ok", evidence: [expect.stringMatching(/the network prefers IPv6 only \(RFC 8925\)/)] },
      { severity: "ok" },
    ]);

    const from = server(lab).log().length;
    await lab.gateway.stop();
    await startGateway(lab, config);
    await lab.gateway.waitFor("the restarted gateway has asked", () => heard(lab, device.mac, from) !== "");
    await expectTranslated(lab, device);
    expect(heard(lab, device.mac, from)).toBe("DISCOVER OFFER");
    await expectNoDrops(lab);
  },
);

scenario(
  "option 108 of Kea: once the network does without it, a device has IPv4 again after a change of the link",
  { wan: { ...both, dhcp: "kea" } },
  async (lab) => {
    await startGateway(lab, quick6);
    const device = await addDhcpDevice(lab, 1);
    await device.waitForIp();
    await waitForRest(lab, device.mac);
    await server(lab).restart({ v6OnlySeconds: undefined });
    await lab.flapCable(1, 1000);
    const ip = await waitForLease(lab, device.mac, 30_000);
    await expectNoTranslator(lab);
    await expectReachesInternet(lab, device, ip);
    const told = (await lab.gateway.devices()).find((d) => d.mac_address === device.mac);
    expect(told?.reason ?? "").toBe("");
  },
);
