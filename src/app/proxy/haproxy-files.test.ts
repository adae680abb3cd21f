import fc from "fast-check";
import { expect, it } from "vitest";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import type { Ip4 } from "../../base/ip4.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { HaproxyTables } from "../../plan/haproxy-tables.ts";
import { HaproxyFiles } from "./haproxy-files.ts";

const settings = { text: "static\n", description: "gateway-1", sendProxy: false };
const name = fc.constantFrom("device_1", "device_2", "device_3");
const ip6 = fc.constantFrom("2001:db8::1", "2001:db8::2", "2001:db8::3") as fc.Arbitrary<Ip6>;
const tables: fc.Arbitrary<HaproxyTables> = fc.array(fc.tuple(ip6, name), { maxLength: 4 }).map((pairs) => {
  const devices = new Map(pairs);
  const server = { address: "192.168.1.7" as Ip4, check: 80 };
  return { devices, servers: new Map([...devices.values()].map((key) => [key, server])), ports: new Map() };
});

it("never has an address on disk that leads to a server that is not there", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(tables, { minLength: 1, maxLength: 5 }), async (steps) => {
      const memory = new MemoryFiles();
      const files = new HaproxyFiles(memory, "/run/gw");
      await files.prepare();
      const write = memory.write.bind(memory);
      memory.write = async (path, text) => {
        await write(path, text);
        const servers = memory.texts.get("/run/gw/haproxy.cfg") ?? "";
        const lines = (memory.texts.get("/run/gw/haproxy-devices.map") ?? "").split("\n").filter(Boolean);
        for (const line of lines) expect(servers).toContain(`server ${line.split(" ")[1]} `);
      };
      for (const step of steps) await files.write(settings, step);
      const last = steps.at(-1)?.devices ?? new Map();
      expect(memory.texts.get("/run/gw/haproxy-devices.map")).toBe(
        [...last].map(([ip, server]) => `${ip} ${server}\n`).join(""),
      );
    }),
  );
});

it("writes nothing that is on disk already, and keeps the maps of an earlier run until then", async () => {
  const memory = new MemoryFiles();
  const files = new HaproxyFiles(memory, "/run/gw");
  await files.prepare();
  const devices = new Map([["2001:db8::1" as Ip6, "device_1"]]);
  const servers = new Map([["device_1", { address: "192.168.1.7" as Ip4, check: 80 }]]);
  await files.write(settings, { devices, servers, ports: new Map([["device_1:80", 81]]) });
  const writes: string[] = [];
  memory.write = async (path) => void writes.push(path);
  await new HaproxyFiles(memory, "/run/gw").prepare();
  await files.write(settings, { devices, servers, ports: new Map([["device_1:80", 81]]) });
  expect(writes).toEqual([]);
  expect(memory.texts.get("/run/gw/haproxy-ports.map")).toBe("device_1:80 81\n");
});
