import { expect, it } from "vitest";
import type { Processes } from "../../ports/processes.ts";
import { systemProcesses } from "../processes.ts";
import { checkTools } from "./tools.ts";

const without = (...missing: readonly string[]): Processes => ({
  ...systemProcesses,
  has: async (command) => !missing.includes(command),
});

it("names each missing program with the packages of Debian and OpenWrt", async () => {
  expect(await checkTools(without("ip", "nft", "dnsmasq"))).toEqual([
    "the program ip is not installed; install iproute2 on Debian, ip-full on OpenWrt",
    "the program nft is not installed; install nftables on Debian, nftables-json on OpenWrt",
    "the program dnsmasq is not installed; install dnsmasq-base on Debian, dnsmasq on OpenWrt",
  ]);
});

it("does not ask for dnsmasq where another DHCP server serves the LAN", async () => {
  expect(await checkTools(without("ip", "dnsmasq"), { dnsmasq: false })).toEqual([
    "the program ip is not installed; install iproute2 on Debian, ip-full on OpenWrt",
  ]);
});
