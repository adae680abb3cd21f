import { expect, test } from "vitest";
import { FakeKernel } from "../../../test/support/fake-kernel.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { ArpLimit, removeArpLimit } from "./arp-limit.ts";

const name = "netdev ipv4_ipv6_gateway";
const rate = { perSecond: 13, burst: 2 };
const link = (gone: boolean) =>
  ({ kind: "link", ifname: "eth0", mtu: 1500, group: "7171", up: !gone, carrier: !gone, gone }) as const;

function scene(given: typeof rate | undefined = rate) {
  const kernel = new FakeKernel();
  const log = new MemoryLog();
  return { kernel, log, limit: new ArpLimit({ kernel, log, wanPort: "eth0", rate: given }) };
}

test("all ARP of the port is limited, once however often it is started, and no more after cleanup", async () => {
  const { kernel, limit } = scene();
  await limit.start();
  await limit.start();
  expect(kernel.done.length).toBe(1);
  expect(kernel.tables.tables).toEqual([name]);
  expect(kernel.done.at(-1)).toContain('hook egress device "eth0"');
  expect(kernel.done.at(-1)).toContain(
    "ether type arp limit rate over 13/second burst 2 packets counter drop",
  );
  await removeArpLimit(kernel);
  await removeArpLimit(kernel);
  expect(kernel.tables.tables).toEqual([]);
});

test("where there is to be none, that of an earlier run goes", async () => {
  const { kernel, limit } = scene();
  await limit.start();
  await new ArpLimit({ kernel, log: new MemoryLog(), wanPort: "eth0", rate: undefined }).start();
  expect(kernel.tables.tables).toEqual([]);
});

test("it is made anew when the port is back, not at each of its changes", async () => {
  const { kernel, limit } = scene();
  await limit.start();
  const before = kernel.started.nft;
  limit.kernelEvent(link(false));
  limit.kernelEvent(link(true));
  expect(kernel.started.nft).toBe(before);
  limit.kernelEvent(link(false));
  limit.kernelEvent(link(false));
  expect(kernel.started.nft).toBe(before + 1);
});

test("a kernel without such a hook is named, and stops nothing", async () => {
  const { log } = scene();
  const refusing = {
    nft: () => Promise.reject(new Error("Operation not supported")),
    nftJson: () => Promise.reject(new Error("Operation not supported")),
  };
  await new ArpLimit({ kernel: refusing, log, wanPort: "eth0", rate }).start();
  await removeArpLimit(refusing);
  expect(log.entries.map(({ message }) => message).join("\n")).toMatch(
    /ARP of the kernel is not limited to 15 frames a second.*not supported/,
  );
});
