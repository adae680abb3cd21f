import { expect, test } from "vitest";
import type { Kernel } from "../../ports/kernel.ts";
import { forwardIpv6 } from "./forwarding6.ts";

function bench(settings: Record<string, string>) {
  const did: string[] = [];
  const kernel = {
    readSysctl: async (key: string) => settings[key],
    writeSysctl: async (key: string, value: string) => void did.push(`${key} = ${value}`),
    nft: async (script: string) => void did.push(script.replace(/^.*comment (.*) \}\n$/s, "$1")),
    ipJson: async () => [{ ifname: "eth0" }, { ifname: "gw00005e005301" }],
  } as Partial<Kernel> as Kernel;
  return { kernel, did };
}

test("an old kernel: the host forwards, which is remembered, and identities stay hosts", async () => {
  const { kernel, did } = bench({ "net/ipv6/conf/all/forwarding": "0" });
  await forwardIpv6(kernel, "xlat464", new Map());
  expect(did).toEqual([
    expect.stringContaining("net/ipv6/conf/all/forwarding=0"),
    "net/ipv6/conf/all/forwarding = 1",
    "net/ipv6/conf/gw00005e005301/forwarding = 0",
  ]);
});

test("what was remembered before stays; where the host forwards, or single interfaces can, nothing is changed", async () => {
  const again = bench({ "net/ipv6/conf/all/forwarding": "0" });
  await forwardIpv6(again.kernel, "xlat464", new Map([["net/ipv6/conf/all/forwarding", "0"]]));
  expect(again.did).toHaveLength(2);
  for (const settings of [
    { "net/ipv6/conf/all/forwarding": "1" },
    { "net/ipv6/conf/all/forwarding": "0", "net/ipv6/conf/xlat464/force_forwarding": "1" },
  ] as Record<string, string>[]) {
    const { kernel, did } = bench(settings);
    await forwardIpv6(kernel, "xlat464", new Map());
    expect(did).toEqual([]);
  }
});
