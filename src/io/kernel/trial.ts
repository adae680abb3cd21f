/** Program of kernel.test.ts, run inside namespaces of its own: prints one JSON object of findings. */
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../../base/errors.ts";
import type { KernelEvent } from "../../ports/kernel.ts";
import { systemProcesses } from "../processes.ts";
import { run } from "../run.ts";
import { systemKernel as kernel } from "./kernel.ts";
import { checkTools } from "./tools.ts";
import { watchNft } from "./watch.ts";

const findings: Record<string, unknown> = {};

async function errorOf(task: Promise<unknown>): Promise<string> {
  try {
    await task;
    return "no error";
  } catch (error) {
    return error instanceof GatewayError ? `${error.code}: ${error.message}` : String(error);
  }
}

async function timed(name: string, task: () => Promise<unknown>): Promise<void> {
  const from = performance.now();
  await task();
  findings[name] = Math.round(performance.now() - from);
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 5000; waited += 10) await sleep(10);
}

/** What a thousand links have set off would crowd out what comes next. */
async function untilQuiet(): Promise<void> {
  for (let before = -1; before < events.length; await sleep(300)) before = events.length;
}

const events: KernelEvent[] = [];
const watch = kernel.watch([{ family: "inet", name: "trial" }], (event) => events.push(event));
const resyncs = (): number => events.filter(({ kind }) => kind === "resync").length;
// One of each kind of events: rtnetlink's and those of nft.
await until(() => resyncs() >= 2);

findings.tools = await checkTools(systemProcesses);
findings.noLines = await kernel.ipBatch([]);
findings.batch = await kernel.ipBatch([
  "link add wan0 type veth peer name far0",
  "address add 192.0.2.1/24 dev nope0",
  "link set wan0 up",
  "bogus",
  "link set far0 up",
  "link set lo up",
  "route add 203.0.113.0/24 via 198.51.100.1",
]);
const identities = Array.from({ length: 1000 }, (_, i) => `gw02005e10${i.toString(16).padStart(4, "0")}`);
await timed("addMs", async () => {
  findings.added = await kernel.ipBatch(
    identities.map((name) => `link add ${name} link wan0 type macvlan mode private`),
  );
});
await timed("sysctlMs", async () => {
  for (const name of identities)
    for (const key of ["arp_ignore", "arp_announce", "rp_filter", "accept_local"])
      await kernel.writeSysctl(`net/ipv4/conf/${name}/${key}`, "1");
});
await timed("ipJsonMs", async () => {
  findings.links = ((await kernel.ipJson(["link", "show"])) as unknown[]).length;
});
findings.sysctl = [
  await kernel.readSysctl(`net/ipv4/conf/${identities[999]}/arp_ignore`),
  (await kernel.readSysctl("net/ipv4/conf/nope0/arp_ignore")) ?? "undefined",
];
findings.sysctlErrors = [
  await errorOf(kernel.writeSysctl("net/ipv4/conf/nope0/arp_ignore", "1")),
  await errorOf(kernel.writeSysctl("net/ipv4/ip_forward", "many")),
];
findings.ipError = await errorOf(kernel.ipJson(["link", "show", "dev", "nope0"]));
findings.noRoutes = await kernel.ipJson(["-4", "route", "show", "table", "all", "proto", "71"]);

findings.batch6 = await kernel.ipBatch(
  ["rule add pref 10000 lookup 999998 protocol 71", "rule delete pref 10001 lookup 999998"],
  6,
);
const [rules4, rules6] = await Promise.all(
  ([4, 6] as const).map((f) => kernel.ipShow(f, [["rule", "show"]])),
);
findings.ruleOf = [rules4, rules6].map((shown) => JSON.stringify(shown).includes('"999998"'));

await kernel.ipBatch([
  "address add 2001:db8::9/128 dev wan0 nodad",
  "link add again0 type veth peer name again1",
]);
await kernel.ipBatch(["address add 192.0.2.9/32 dev wan0"]);
const [bothShown = [], bothRules] = await kernel.ipShow("both", [
  ["address", "show"],
  ["rule", "show"],
]);
const wan0 = (bothShown as { ifname: string; addr_info: { local: string }[] }[]).find(
  ({ ifname }) => ifname === "wan0",
);
findings.both = wan0?.addr_info.map(({ local }) => local).filter((local) => !local.startsWith("fe80"));
findings.bothRules = JSON.stringify(bothRules).includes('"999998"');
const shown6 = async (...ifnames: string[]): Promise<string[]> =>
  ((await kernel.ipAddresses6(ifnames)) as { addr_info: { local: string }[] }[]).flatMap((link) =>
    link.addr_info.map(({ local }) => local).filter((local) => local.startsWith("2001:")),
  );
findings.addresses6 = [await shown6("nope0", "wan0"), await shown6("nope0", "wan0")];
// Another program makes an interface anew, under the same name.
await kernel.ipBatch(["link set again0 mtu 1400"]);
await shown6("again0");
await run("ip", ["link", "del", "again0"]);
await run("ip", ["link", "add", "again0", "type", "veth", "peer", "name", "again1"]);
await run("ip", ["address", "add", "2001:db8::11/128", "dev", "again0", "nodad"]);
findings.againShown = await shown6("again0");
findings.again = await kernel.ipBatch(["link set again0 mtu 1300", "link set nope0 mtu 1300"]);
findings.againMtu = ((await kernel.ipJson(["link", "show", "dev", "again0"])) as { mtu: number }[])[0]?.mtu;

findings.noTable = (await kernel.nftJson(["list", "table", "inet", "gw_test"])) ?? "undefined";
await kernel.nft("add table inet gw_test\nadd set inet gw_test macs { type ether_addr; }\n");
findings.nftError = await errorOf(
  kernel.nft("add chain inet gw_test kept\nadd rule inet gw_test absent accept\n"),
);
const listed = (await kernel.nftJson(["list", "table", "inet", "gw_test"])) as { nftables: object[] };
findings.nft = listed.nftables.map((entry) => Object.keys(entry)[0]);

await untilQuiet();
await kernel.ipBatch(["address add 192.0.2.1/24 dev wan0", "address add 2001:db8::7/128 dev wan0 nodad"]);
const beforeOwn = events.length;
// Of what it changes itself nobody is told,
await kernel.ipBatch([
  "neighbour add 192.0.2.6 lladdr 02:00:5e:10:00:06 dev wan0 nud reachable",
  "rule add from 192.0.2.6 lookup 100",
  "route add 203.0.113.0/25 dev wan0 table 1000002 protocol 71",
]);
await kernel.nft("add table inet trial\nadd set inet trial macs { type ether_addr; }\n");
await kernel.nft("add element inet trial macs { 02:00:5e:10:00:06 }\n");
await untilQuiet();
findings.ofOwn = [...new Set(events.slice(beforeOwn).map(({ kind }) => kind))].filter((kind) =>
  ["neighbour", "rule", "route", "nftables"].includes(kind),
);
// and of what others do he is.
const byOthers = async (...lines: string[]) => {
  for (const line of lines) await run("ip", line.split(" "));
};
await byOthers(
  "neighbour add 192.0.2.5 lladdr 02:00:5e:10:00:05 dev wan0 nud reachable",
  "rule add from 192.0.2.5 lookup 100",
  "neighbour del 192.0.2.5 dev wan0",
  "route add 203.0.113.0/24 dev wan0 table 1000002 protocol 71",
  "-6 route add default from 2001:db8::7 dev wan0 table 999998 protocol 71",
  "route add 198.51.100.0/24 dev wan0",
);
const ruleset = async (script: string) => {
  const from = events.length;
  const ran = await run("nft", ["-f", "-"], script);
  if (ran.code !== 0) throw new Error(ran.stderr);
  await sleep(200);
  return events.slice(from).filter(({ kind }) => kind === "nftables");
};
findings.rulesets = {
  element: await ruleset("delete element inet trial macs { 02:00:5e:10:00:06 }"),
  chain: (await ruleset("add chain inet trial one")).length,
  another: (await ruleset("add table inet other\nadd chain inet other one")).length,
  flushed: (await ruleset("flush ruleset")).some((event) => event.kind === "nftables" && event.gone),
};
await kernel.writeSysctl("net/ipv4/conf/wan0/forwarding", "1");
await until(() => events.some((e) => e.kind === "setting" && e.ifname === "wan0"));
await kernel.ipBatch(["link set far0 down", "link del wan0"]);
await until(() => events.some((e) => e.kind === "link" && e.ifname === "far0" && e.gone));
const about = (name: string) => events.filter((e) => "ifname" in e && e.ifname === name);
findings.kinds = [...new Set(events.map(({ kind }) => kind))].sort();
findings.neighbour = about("wan0").filter((e) => e.kind === "neighbour" && e.ip === "192.0.2.5");
findings.address6 = about("wan0").find((e) => e.kind === "address" && e.ip === "2001:db8::7");
findings.routes = about("wan0").flatMap((e) => (e.kind === "route" && !e.gone && e.key ? [e.key] : []));
findings.foreignRoute = about("wan0").some((e) => e.kind === "route" && e.key === undefined);
findings.carrier = [
  ...new Set(about("wan0").flatMap((e) => (e.kind === "link" ? [`${e.carrier} ${e.gone}`] : []))),
];
findings.identitiesGone = events.filter(
  (e) => e.kind === "link" && e.gone && e.ifname.startsWith("gw"),
).length;
findings.lostEvents = resyncs() - 2;

await watch.stop();
const told: KernelEvent[] = [];
const nft = watchNft([{ family: "inet", name: "trial" }], (event) => told.push(event));
await until(() => told.length >= 1);
const monitors = await systemProcesses.find("monitor");
await systemProcesses.end(monitors);
await until(() => told.length >= 2);
await run("nft", ["-f", "-"], "add table inet trial\n");
await until(() => told.length >= 3);
findings.byMonitor = told.map(({ kind }) => kind);
findings.monitors = monitors.length;
await nft.stop();
findings.monitorsAfterStop = (await systemProcesses.find("monitor")).length;
process.stdout.write(JSON.stringify(findings));
