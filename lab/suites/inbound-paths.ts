/** Narrow paths, fragments, errors and traceroute between a client and a device that is open as a whole. */
import { expect } from "vitest";
import type { Device } from "../devices.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";
import type { WanHost } from "../wan-host.ts";
import { echoed } from "./inbound.ts";
import { bracketed, type ReachedDevice } from "./reach.ts";

/** The router takes no packet of more octets than `mtu` to the device, nor to the host beyond, whose cables have 1500. */
export async function narrowRouter(lab: Lab, device: ReachedDevice, mtu: number): Promise<void> {
  const { internet, router } = lab.wan;
  const own = [...device.addresses4, ...device.addresses6];
  const beyond = [internet.ip, internet.ip6].filter((ip) => own.some((o) => isIp6(o) === isIp6(ip)));
  await router.ip([
    ...own.map((ip) => `route replace ${ip} dev wan mtu ${mtu}`),
    ...beyond.map((ip) => `route replace ${ip} dev inet mtu ${mtu}`),
  ]);
}

const isIp6 = (ip: string): boolean => ip.includes(":");

/** What the client is told of a datagram to a port that the device has closed. */
export async function complaint({ namespace }: WanHost, ip: string): Promise<string> {
  const to = `UDP${isIp6(ip) ? 6 : 4}:${bracketed(ip)}:9`;
  const argv = ["busybox", "timeout", "3", "socat", "-t", "2", "-", to];
  return (await namespace.run(argv, { input: "hello", mayFail: true })).stderr;
}

/** Sends a datagram and is gone when the answer comes. */
export async function askAndLeave({ namespace }: WanHost, ip: string, port: number): Promise<void> {
  const to = `UDP${isIp6(ip) ? 6 : 4}:${bracketed(ip)}:${port}`;
  await namespace.run(["socat", "-u", "-", to], { input: "hello" });
}

/** Who answers on the way to a host, hop by hop; `*` for one that says nothing. */
export async function trace({ namespace }: WanHost | Device, ip: string): Promise<readonly string[]> {
  const how = ["-n", "-q", "1", "-w", "1", "-m", "12"];
  const argv = ["busybox", "traceroute", isIp6(ip) ? "-6" : "-4", ...how, ip];
  const { stdout } = await namespace.run(argv, { mayFail: true, timeoutMs: 20_000 });
  return stdout
    .split("\n")
    .filter((line) => /^ *\d+ /.test(line))
    .map((line) => line.trim().split(/ +/)[1] ?? "");
}

/** Datagrams, whole and in fragments, come back as they were. */
export async function expectDatagrams(
  client: WanHost,
  ip: string,
  lengths: readonly number[],
): Promise<void> {
  const one = async (length: number): Promise<void> => {
    const text = "x".repeat(length);
    expect([ip, length, (await echoed(client, ip, text)) === text]).toEqual([ip, length, true]);
  };
  await Promise.all(lengths.map(one));
}

/** Echo services beside the usual one: `bare` gives its datagrams no checksum, which IPv4 alone allows; `late` takes a second. */
export async function serveEcho({ namespace }: Device, port: number, how: "bare" | "late"): Promise<void> {
  const noCheck = "setsockopt-int=1:11:1"; // SOL_SOCKET, SO_NO_CHECK
  const listen = `UDP4-RECVFROM:${port},fork${how === "bare" ? `,${noCheck}` : ""}`;
  namespace.start(["socat", "-t", "3", listen, how === "bare" ? "EXEC:cat" : "SYSTEM:sleep 1; cat"]);
  // As the kernel lists it: ports in hexadecimal.
  const listed = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  await waitFor(`port ${port} is served`, async () =>
    (await namespace.run(["cat", "/proc/net/udp"])).stdout.includes(listed),
  );
}

/** Whether an echo request with so much in it is answered. */
export async function echoes({ namespace }: WanHost, ip: string, octets: number): Promise<boolean> {
  const argv = ["ping", "-n", "-c", "1", "-W", "1", "-s", String(octets), ip];
  return (await namespace.run(argv, { mayFail: true })).code === 0;
}

/** A megabyte each way over one connection, the content compared. @param name of the device, which begins with it */
export async function expectMegabyte(client: WanHost, ip: string, port: number, name: string): Promise<void> {
  const text = Array.from({ length: 100_000 }, (_, n) => `${n}`.padStart(9, "0")).join("\n");
  const to = `TCP${isIp6(ip) ? 6 : 4}:${bracketed(ip)}:${port},connect-timeout=3`;
  const argv = ["timeout", "15", "socat", "-t", "5", "-", to];
  const { stdout } = await client.namespace.run(argv, { input: text, mayFail: true });
  const whole = `${name} ready\r\n${text}`;
  expect([ip, stdout.length, stdout === whole]).toEqual([ip, whole.length, true]);
}

/** How many octets a packet to a host may have by what the device was told; undefined: it was told nothing. */
export async function pathMtuOf({ namespace }: Device, ip: string): Promise<number | undefined> {
  const [route] = (await namespace.ipJson(["route", "get", ip])) as readonly {
    readonly metrics?: readonly { readonly mtu?: number }[];
  }[];
  return route?.metrics?.find(({ mtu }) => mtu !== undefined)?.mtu;
}
