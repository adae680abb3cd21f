import type { Namespace } from "./netns.ts";

/** The body of a page. Errors: curl's, with its exit code. */
export async function fetchFrom(namespace: Namespace, url: string, timeoutSeconds = 10): Promise<string> {
  const argv = ["curl", "--silent", "--show-error", "--fail", "--max-time", String(timeoutSeconds), url];
  return (await namespace.run(argv, { timeoutMs: (timeoutSeconds + 5) * 1000 })).stdout;
}

/** Whether `count` echo requests to an address of either family, five a second, were all answered. */
export async function pingFrom(namespace: Namespace, ip: string, count = 1): Promise<boolean> {
  const argv = ["ping", "-n", "-c", String(count), "-i", "0.2", "-W", "1", ip];
  const { code, stdout } = await namespace.run(argv, { mayFail: true, timeoutMs: count * 1200 + 5_000 });
  return code === 0 && / 0% packet loss/.test(stdout);
}
