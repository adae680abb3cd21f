import { expect, test } from "vitest";
import { FakeClock, settle } from "../../../test/support/fake-clock.ts";
import { JoolHost } from "../../../test/support/jool-host.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { networkOf } from "../../base/cidr4.ts";
import { seconds } from "../../base/time.ts";
import { ip, net6 } from "../../plan/sample.fixture.ts";
import { Engine } from "./engine.ts";
import { Jool, removeJool } from "./jool.ts";
import type { Translator } from "./translator.ts";

const lan = networkOf(ip("192.168.1.1"), 24);
const nat64 = net6("2001:db8:64::/96");
const lanEam = ["192.168.1.0/24", "fd2c:81a7:464::c0a8:100/120"];
const routersEam = ["192.0.0.8/32", "fd2c:81a7:464::c000:8/128"];

function bench(host = new JoolHost()) {
  const clock = new FakeClock();
  const told: (string | undefined)[] = [];
  const parts = {
    ...{ clock, processes: host, log: new MemoryLog(), runtimeDirectory: "/run/gw" },
    onTrouble: (sentence: string | undefined) => void told.push(sentence),
  };
  const jool = new Jool(parts);
  const after = async (secs: number): Promise<void> => {
    await clock.advance(seconds(secs));
    await settle();
  };
  return { host, jool, after, told };
}

test("an instance in a namespace of its own has the NAT64 as its pool6 and the LAN as a whole", async () => {
  const { host, jool, told } = bench();
  await jool.run({ lan, nat64 }, 1480);
  expect(host.instance).toEqual({
    ...{ name: "gateway", pool6: "2001:db8:64::/96" },
    eams: [lanEam, routersEam],
  });
  expect([host.peerInside, told]).toEqual([true, [undefined]]);
  expect(host.typed).toEqual([
    "instance add gateway --netfilter --pool6 2001:db8:64::/96",
    `eamt add ${lanEam.join(" ")}`,
    `eamt add ${routersEam.join(" ")}`,
  ]);
});

test("another NAT64 makes another instance; the same again types nothing", async () => {
  const { host, jool } = bench();
  await jool.run({ lan, nat64 }, 1480);
  host.typed.length = 0;
  await jool.run({ lan, nat64 }, 1480);
  expect(host.typed).toEqual([]);
  await jool.run({ lan, nat64: net6("64:ff9b::/96") }, 1480);
  expect(host.typed.slice(0, 2)).toEqual([
    "instance remove gateway",
    "instance add gateway --netfilter --pool6 64:ff9b::/96",
  ]);
  expect(host.instance?.eams).toEqual([lanEam, routersEam]);
});

test("the gateway ends and translating goes on; the next run takes over what is right and mends what is not", async () => {
  const { host, jool, after } = bench();
  await jool.run({ lan, nat64 }, 1480);
  await jool.leave();
  host.typed.length = 0;
  const looks = host.looks;
  await after(60);
  expect(host.looks).toBe(looks);
  host.instance?.eams.push(["192.0.2.0/24", "2001:db8:bad::/120"]);
  const next = bench(host);
  await next.jool.run({ lan, nat64 }, 1480);
  expect(host.typed).toEqual(["eamt remove 192.0.2.0/24 2001:db8:bad::/120"]);
  await next.jool.stop();
  expect([host.instance, [...host.namespaces]]).toEqual([undefined, []]);
});

test("what somebody takes away comes back, and trouble is told until it is over", async () => {
  const { host, jool, after, told } = bench();
  await jool.run({ lan, nat64 }, 1480);
  host.instance = undefined;
  await after(5);
  expect(host.instance).toMatchObject({ eams: [lanEam, routersEam] });
  host.module = false;
  await after(5);
  expect(told.at(-1)).toMatch(/^Jool, which translates for the devices, cannot run: .*socket family.*\.$/);
  host.module = true;
  await after(5);
  expect(told.at(-1)).toBeUndefined();
  await jool.stop();
  host.typed.length = 0;
  await after(60);
  expect(host.typed).toEqual([]);
});

test("a namespace that is out of reach, as another mount namespace leaves it, is made anew with its cable", async () => {
  const { host, jool, after, told } = bench();
  await jool.run({ lan, nat64 }, 1480);
  Object.assign(host, { stale: true, cable: false, peerInside: false, instance: undefined });
  await after(5);
  expect(told.at(-1)).toMatch(/the cable to its network namespace is lost, and is made anew\.$/);
  host.cable = true;
  await after(5);
  expect([host.peerInside, host.instance?.eams, told.at(-1)]).toEqual([
    true,
    [lanEam, routersEam],
    undefined,
  ]);
});

test("cleanup removes namespace and instance, and does nothing where there are none", async () => {
  const { host, jool } = bench();
  expect(await removeJool(host, "/")).toBe(false);
  await jool.run({ lan, nat64 }, 1480);
  expect(await removeJool(host, "/")).toBe(true);
  expect([host.instance, [...host.namespaces]]).toEqual([undefined, []]);
});

function choice(wanted: "auto" | "tayga" | "jool", installed: readonly string[], module = true) {
  const { host, jool } = bench();
  host.installed = new Set(installed);
  host.module = module;
  const did: string[] = [];
  const tayga: Translator = {
    name: "tayga",
    missing: async () =>
      (await host.has("tayga")) ? undefined : "the program tayga is not installed (package tayga)",
    run: async () => {},
    stop: async () => void did.push("tayga stops"),
    leave: async () => {},
  };
  const engine = new Engine({ log: new MemoryLog(), choice: wanted, engines: { tayga, jool } });
  return { engine, did, host };
}

test.each([
  ["auto", ["tayga", "jool_siit"], "tayga", undefined],
  ["auto", ["jool_siit"], "jool", "veth"],
  ["jool", ["tayga", "jool_siit"], "jool", "veth"],
  ["tayga", ["tayga", "jool_siit"], "tayga", undefined],
] as const)("%s with %j installed is %s", async (wanted, installed, name, medium) => {
  const { engine, did } = choice(wanted, installed);
  await engine.prepare();
  expect([engine.name, engine.medium]).toEqual([name, medium]);
  expect(await engine.missing("devices")).toBeUndefined();
  // What another one left ends.
  expect(did).toEqual(name === "jool" ? ["tayga stops"] : []);
});

test("what is asked for and missing is said, with what is allowed; it is looked for again", async () => {
  const { engine, host } = choice("jool", ["tayga", "jool_siit"], false);
  await engine.prepare();
  expect(await engine.missing("devices")).toBe(
    "the kernel module jool_siit cannot be used (Error: Jool's socket family doesn't seem to exist); xlat464.engine asks for Jool",
  );
  host.module = true;
  expect(await engine.missing("devices")).toBeUndefined();
  expect(await engine.missing("clients")).toMatch(/with tayga they can \(xlat464\.engine\)/);
  const neither = choice("auto", []);
  await neither.engine.prepare();
  expect(await neither.engine.missing("devices")).toMatch(
    /tayga is not installed.*and.*jool_siit is not installed/,
  );
});
