import { expect, test } from "vitest";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { byKey, type Element } from "../../plan/resource.ts";
import { BroadcastFilter, removeBroadcastFilter } from "./broadcast-filter.ts";

const table = "netdev ipv4_ipv6_gateway_heard";
const removal = `add table ${table}\ndelete table ${table}\n`;

function scene({ silent = true, refuses = (_: string): boolean => false } = {}) {
  const scripts: string[] = [];
  const log = new MemoryLog();
  const nft = async (script: string): Promise<void> => {
    if (refuses(script)) throw new Error("Operation not supported");
    scripts.push(script);
  };
  const filter = new BroadcastFilter({ kernel: { nft }, log, wanPort: "eth0", silent });
  const passed = async (whole: boolean, ...ips: string[]): Promise<void> => {
    const held = ips.map((key): Element => ({ kind: "element", set: "held4", key }));
    filter.passed(byKey([...held, { kind: "element", set: "snat4", key: "10.0.0.9" }]), whole);
    await filter.settled();
  };
  return { scripts, log, passed };
}

test("requests for addresses of the identities alone come in; a whole pass makes it anew, others add", async () => {
  const { scripts, passed } = scene();
  await passed(true, "192.0.2.7", "192.0.2.8");
  expect(scripts[0]).toBe(`${removal}table ${table} {
  set held {
    type ipv4_addr
    elements = { 192.0.2.7, 192.0.2.8 }
  }
  chain heard {
    type filter hook ingress device "eth0" priority filter; policy accept;
    arp operation request arp daddr ip != @held drop
  }
}
`);
  await passed(false, "192.0.2.9");
  await passed(false);
  expect(scripts.slice(1)).toEqual([`add element ${table} held { 192.0.2.9 }\n`]);
  await passed(true);
  expect(scripts[2]).toContain("set held {\n    type ipv4_addr\n  }");
});

test("what is let through already costs no script, until the table is made anew", async () => {
  const { scripts, passed } = scene();
  await passed(true, "192.0.2.7");
  await passed(false, "192.0.2.7", "192.0.2.8");
  await passed(false, "192.0.2.8", "192.0.2.7");
  expect(scripts.slice(1)).toEqual([`add element ${table} held { 192.0.2.8 }\n`]);
  await passed(true);
  await passed(false, "192.0.2.8");
  expect(scripts.at(-1)).toBe(`add element ${table} held { 192.0.2.8 }\n`);
});

test("a port that is a host of its own hears everything", async () => {
  const { scripts, passed } = scene({ silent: false });
  await passed(true, "192.0.2.7");
  await passed(false, "192.0.2.8");
  expect(scripts).toEqual([]);
});

test("where the kernel cannot filter, nothing is shut out, and that is told once", async () => {
  const { scripts, log, passed } = scene({ refuses: (script) => script.includes("hook ingress") });
  await passed(true, "192.0.2.7");
  await passed(true, "192.0.2.7");
  await passed(false, "192.0.2.8");
  expect(scripts).toEqual([removal, removal]);
  expect(log.take()).toHaveLength(1);
});

test("an address that cannot be added takes the filter away until the next whole pass", async () => {
  const { scripts, passed } = scene({ refuses: (script) => script.includes("192.0.2.8") });
  await passed(true, "192.0.2.7");
  await passed(false, "192.0.2.8");
  await passed(false, "192.0.2.9");
  expect(scripts.slice(1)).toEqual([removal]);
});

test("cleanup takes it away, and minds no kernel that knows no such tables", async () => {
  const done: string[] = [];
  await removeBroadcastFilter({ nft: async (script) => void done.push(script) });
  expect(done).toEqual([removal]);
  await removeBroadcastFilter({ nft: () => Promise.reject(new Error("Operation not supported")) });
});
