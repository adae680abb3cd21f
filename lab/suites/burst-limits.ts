/** How fast the servers can be asked at all, with nothing installed; for the bench. All times are seconds. Errors: OutOfTime. */
import { bundleProgram } from "../bundle.ts";
import type { Lab } from "../topology.ts";
import { OutOfTime, waitFor } from "../wait.ts";
import { allLeased, type LeaseFile } from "./all-leased.ts";
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

/**
 * Exchanges begun in a second. Left to itself, perfdhcp begins so many that the server drops most; these are the fastest at which Kea here
 * was seen to lose none, found by trying.
 */
export const perfdhcpRate = { 4: 3000, 6: 1500 } as const;

/** As many clients, as fast as perfdhcp goes by itself: each that was dropped has its turn again when all have had theirs. */
export const perfdhcp4 = (lab: Lab, count: number, limitSeconds: number): Promise<number> =>
  perfdhcpUntilLeased4(lab, count, limitSeconds, []);

/** The same at the rate chosen for this server. */
export const perfdhcp4Paced = (lab: Lab, count: number, limitSeconds: number): Promise<number> =>
  perfdhcpUntilLeased4(lab, count, limitSeconds, ["-r", String(perfdhcpRate[4])]);

async function perfdhcpUntilLeased4(
  lab: Lab,
  count: number,
  limitSeconds: number,
  how: readonly string[],
): Promise<number> {
  const { namespace, wanMac } = lab.gateway;
  await namespace.ip(["addr add 198.18.0.9/16 dev eth0"]);
  // The address that its clients' own are counted from.
  await lab.wan.firewall.register("00:0c:01:02:03:04", wanMac);
  const argv = ["-4", "-l", "eth0", "-R", String(count), "-p", String(limitSeconds), ...how];
  return untilLeased(lab, lab.wan.dhcp, argv, count, limitSeconds);
}

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
  const argv = ["-6", "-l", "eth0", "-n", n, "-R", n, "-r", String(perfdhcpRate[6]), "-W", "2000000"];
  return untilLeased(lab, lab.wan.dhcp6, argv, count, limitSeconds);
}

/** From its start to the last lease in the server's own file; seconds. */
async function untilLeased(
  lab: Lab,
  server: LeaseFile | undefined,
  options: readonly string[],
  count: number,
  limitSeconds: number,
): Promise<number> {
  const startedAt = performance.now();
  const perfdhcp = lab.gateway.namespace.start(["perfdhcp", ...options]);
  const leasedAt = await allLeased(server, count, limitSeconds, () => !perfdhcp.running);
  const { code } = await perfdhcp.stop("SIGKILL");
  if (((await server?.leases()) ?? []).length < count)
    throw new Error(`perfdhcp ended with ${code}: ${perfdhcp.lines.join("\n")}`);
  return (leasedAt - startedAt) / 1000;
}
