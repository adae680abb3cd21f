/** How fast the servers can be asked at all, with nothing installed; for the bench. All times are seconds. Errors: OutOfTime. */
import { bundleProgram } from "../bundle.ts";
import type { RunResult } from "../exec.ts";
import type { Lab } from "../topology.ts";
import { OutOfTime, waitFor } from "../wait.ts";
import { burstMacs } from "./burst.ts";

/** Exchanges under way at a time. */
export const bareOutstanding = 64;

/** The gateway's own packet socket and codec in a loop, without anything that makes a gateway of it. */
export async function bareExchange({ gateway }: Lab, count: number, limitSeconds: number): Promise<number> {
  const program = await bundleProgram("lab/programs/exchange.ts", "lab-exchange.js");
  const [firstMac = ""] = burstMacs(1);
  const argv = [process.execPath, program, "eth0", String(count), String(bareOutstanding), firstMac];
  const ran = await gateway.namespace.run(argv, { mayFail: true, timeoutMs: limitSeconds * 1000 });
  if (ran.code === -1) throw new OutOfTime(`not within ${limitSeconds} s: ${ran.stderr}`);
  if (ran.code !== 0) throw new Error(`exchange ended with ${ran.code}: ${ran.stderr}`);
  return Number(ran.stdout);
}

/** perfdhcp's own rate: complete exchanges a second, as fast as they go, nothing installed. */
export async function perfdhcp4(lab: Lab, count: number, limitSeconds: number): Promise<number> {
  const { namespace, wanMac } = lab.gateway;
  await namespace.ip(["addr add 198.18.0.9/16 dev eth0"]);
  await lab.wan.firewall.register("00:0c:01:02:03:04", wanMac);
  const argv = ["perfdhcp", "-4", "-l", "eth0", "-b", `mac=${wanMac}`, "-R", "1", "-W", "2000000"];
  const ran = await namespace.run([...argv, "-n", String(count)], {
    mayFail: true,
    timeoutMs: limitSeconds * 1000,
  });
  const rate = /Rate: ([\d.]+) 4-way exchanges\/second/.exec(ran.stdout)?.[1];
  if (ran.code === -1) throw new OutOfTime(`not within ${limitSeconds} s`);
  if (rate === undefined) throw new Error(`perfdhcp ended with ${ran.code}: ${ran.stdout}${ran.stderr}`);
  return count / Number(rate);
}

/** Exchanges begun in a second. Left to itself, perfdhcp begins so many that the server drops nearly all. */
export const perfdhcp6Rate = 1500;

/** As many clients at this rate, until the server's lease file has them all; nothing installed. */
export async function perfdhcp6(lab: Lab, count: number, limitSeconds: number): Promise<number> {
  const { namespace, wanMac } = lab.gateway;
  await lab.wan.firewall.register(wanMac);
  // With no other address, it takes the link-local one.
  await namespace.sysctl({ "net/ipv6/conf/eth0/accept_ra": 0, "net/ipv6/conf/eth0/disable_ipv6": 0 });
  await waitFor("the port has its link-local address", async () => {
    const argv = ["ip", "-6", "-o", "addr", "show", "dev", "eth0", "scope", "link"];
    const { stdout } = await namespace.run(argv);
    return stdout !== "" && !stdout.includes("tentative");
  });
  const n = String(count);
  const startedAt = performance.now();
  const argv = [
    "perfdhcp",
    "-6",
    "-l",
    "eth0",
    "-n",
    n,
    "-R",
    n,
    "-r",
    String(perfdhcp6Rate),
    "-W",
    "2000000",
  ];
  let ended: RunResult | undefined;
  const running = namespace.run(argv, { mayFail: true, timeoutMs: limitSeconds * 1000 }).then((ran) => {
    ended = ran;
  });
  const leases = async (): Promise<number> => ((await lab.wan.dhcp6?.leases()) ?? []).length;
  await waitFor("leases or the end of perfdhcp", async () => (await leases()) >= count || ended, {
    timeoutMs: limitSeconds * 1000,
    everyMs: 20,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  await running;
  if ((await leases()) < count) throw new Error(`perfdhcp: ${ended?.stdout}${ended?.stderr}`);
  return seconds;
}
