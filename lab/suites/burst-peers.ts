/** What other programs need to give as many devices their leases, against the same servers; for the bench. All times are seconds. Errors: OutOfTime. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Namespace } from "../netns.ts";
import type { Lab } from "../topology.ts";
import { OutOfTime, sleep, waitFor } from "../wait.ts";
import { createQuickNamespace } from "../wan-host.ts";
import { burstMacs } from "./burst.ts";
import { callAll, type GoStruct } from "./go-rpc.ts";
import { identityOf } from "./names.ts";

/** A macvlan for each device, made before the clock runs. */
async function macvlans({ gateway: { namespace } }: Lab, count: number): Promise<readonly string[]> {
  const macs = burstMacs(count);
  await namespace.sysctl({ "net.ipv6.conf.default.disable_ipv6": 1 });
  await namespace.ip(
    macs.flatMap((mac) => [
      `link add ${identityOf(mac)} link eth0 address ${mac} type macvlan mode private`,
      `link set ${identityOf(mac)} up`,
    ]),
  );
  return macs.map(identityOf);
}

/** Quits with the lease, and runs nothing for it. */
const udhcpcOnce = "busybox udhcpc -f -q -n -s /bin/true -t 20 -T 1 -i";

/** One udhcpc a macvlan, all at once, until the server's lease file has them all. */
export async function udhcpc(lab: Lab, count: number, limitSeconds: number): Promise<number> {
  const names = await macvlans(lab, count);
  const startedAt = performance.now();
  const script = `for i in "$@"; do ${udhcpcOnce} $i >/dev/null 2>&1 & done; wait`;
  lab.gateway.namespace.start(["sh", "-c", script, "sh", ...names]);
  const leases = async (): Promise<number> => ((await lab.wan.dhcp?.leases()) ?? []).length;
  await waitFor("all leases are granted", async () => (await leases()) >= count, {
    timeoutMs: limitSeconds * 1000,
    everyMs: 20,
  });
  return (performance.now() - startedAt) / 1000;
}

async function startCniDhcp({ directory, gateway: { namespace } }: Lab): Promise<string> {
  const socket = join(directory, "cni-dhcp.sock");
  const daemon = namespace.start(["/usr/lib/cni/dhcp", "daemon", "-socketpath", socket]);
  await waitFor("the daemon listens", async () => (await namespace.run(["test", "-S", socket])).code === 0, {
    explain: () => daemon.lines.join("\n"),
  });
  return socket;
}

/** CNI's dhcp daemon, asked for a lease on every macvlan at once, until it has answered all. */
export async function cniDhcp(lab: Lab, count: number, limitSeconds: number): Promise<number> {
  const { namespace } = lab.gateway;
  const names = await macvlans(lab, count);
  const socket = await startCniDhcp(lab);
  const startedAt = performance.now();
  const all = callAll(
    socket,
    "DHCP.Allocate",
    names.map((ifname) => addCommand(namespace, ifname)),
  );
  await inTime(all, limitSeconds);
  return (performance.now() - startedAt) / 1000;
}

/** Container runtimes start the plugins of several containers at the same time. */
export const cniAtOnce = 8;

/**
 * CNI as it is used: for each device its macvlan plugin makes the interface in a container's namespace (here in one for all, which is kinder to
 * it), asks the dhcp daemon for a lease by the dhcp plugin, and sets what it got; until the last has its address.
 */
export async function cniInstalled(lab: Lab, count: number, limitSeconds: number): Promise<number> {
  const { namespace } = lab.gateway;
  const containers = await createQuickNamespace("containers");
  lab.others.push(containers);
  const daemonSocketPath = await startCniDhcp(lab);
  const file = join(lab.directory, "cni.json");
  const plugin = { type: "macvlan", master: "eth0", mode: "private", capabilities: { mac: true } };
  const ipam = { type: "dhcp", daemonSocketPath };
  await writeFile(file, JSON.stringify({ cniVersion: "0.4.0", name: "wan", ...plugin, ipam }));
  const settings = {
    CNI_COMMAND: "ADD",
    CNI_NETNS: `/run/netns/${containers.name}`,
    CNI_PATH: "/usr/lib/cni",
  };
  const env = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const one =
    'CNI_IFNAME=$2 CNI_CONTAINERID=$2 CNI_ARGS="IgnoreUnknown=1;MAC=$3" exec /usr/lib/cni/macvlan <"$1"';
  const many = ["xargs", "-P", String(cniAtOnce), "-n", "2", "sh", "-c", one, "sh", file];
  const input = burstMacs(count).map((mac) => `${identityOf(mac)} ${mac}\n`);
  const startedAt = performance.now();
  const ran = namespace.run(["env", ...env, ...many], {
    input: input.join(""),
    mayFail: true,
    timeoutMs: limitSeconds * 1000,
  });
  const { code, stdout, stderr } = await inTime(ran, limitSeconds);
  const seconds = (performance.now() - startedAt) / 1000;
  if (code !== 0) throw new Error(`CNI's plugins failed: ${stderr}${stdout.slice(-2000)}`);
  const shown = (await containers.ipJson(["-4", "address", "show"])) as { addr_info: unknown[] }[];
  const there = shown.filter(({ addr_info }) => addr_info.length > 0).length;
  if (there < count) throw new Error(`CNI set ${there} addresses of ${count}`);
  return seconds;
}

/** What the plugin hands on to the daemon when a container runtime says ADD. */
const addCommand = (namespace: Namespace, ifname: string): GoStruct => [
  ["ContainerID", ifname],
  ["Netns", `/run/netns/${namespace.name}`],
  ["IfName", ifname],
  ["Args", ""],
  ["Path", "/usr/lib/cni"],
  [
    "StdinData",
    Buffer.from(
      JSON.stringify({ cniVersion: "1.0.0", name: "wan", type: "macvlan", ipam: { type: "dhcp" } }),
    ),
  ],
];

async function inTime<T>(task: Promise<T>, limitSeconds: number): Promise<T> {
  const late = sleep(limitSeconds * 1000).then(() => {
    throw new OutOfTime(`not within ${limitSeconds} s`);
  });
  late.catch(() => {});
  return Promise.race([task, late]);
}

/** How many devices the model serves; the rest is extrapolated. */
export const serialDevices = 5;
/** The least that any version of the original sleeps for one device, by its own program text. */
const serialSleepSeconds = 8;

/**
 * A model of the original gateway: one device after the other, its MAC on the WAN port itself, a client that quits with the lease, and the
 * sleeps of its quickest version. Seconds for one device.
 */
export async function serial(lab: Lab): Promise<number> {
  const { namespace } = lab.gateway;
  const startedAt = performance.now();
  for (const mac of burstMacs(serialDevices)) {
    await namespace.ip([`link set eth0 address ${mac}`, "link set eth0 up"]);
    await namespace.run([...udhcpcOnce.split(" "), "eth0"], { timeoutMs: 60_000 });
    await sleep(serialSleepSeconds * 1000);
  }
  return (performance.now() - startedAt) / 1000 / serialDevices;
}
