/** Port scans, as a stranger on the network would make them: with nmap. */
import type { Namespace } from "./netns.ts";

/** A port that answered; what is filtered or silent is not told. */
export interface FoundPort {
  readonly address: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** `closed`: refused, so that somebody is there. */
  readonly state: "open" | "closed";
}

export interface ScanOptions {
  /** As nmap's -p: `1-65535`, or `22,80`; all unless told. */
  readonly ports?: string;
  readonly protocol?: "tcp" | "udp";
  /** For link-local targets. */
  readonly ifname?: string;
  /** Asks slowly and again until each answer is in, where an answer is expected and a busy machine must not hide it. */
  readonly patient?: boolean;
}

/** So fast that 65,535 silent ports take a few seconds; each is asked twice. */
const haste = ["--min-rate", "30000", "--max-retries", "1", "--max-rtt-timeout", "200ms"];
const patience = ["--max-rate", "10000", "--max-retries", "6", "--initial-rtt-timeout", "500ms"];

/** Scans addresses of one family at a time. Errors: nmap's. */
export async function scan(
  from: Namespace,
  addresses: readonly string[],
  { ports = "1-65535", protocol = "tcp", ifname, patient = false }: ScanOptions = {},
): Promise<readonly FoundPort[]> {
  const [first] = addresses;
  if (first === undefined) return [];
  const family = first.includes(":") ? ["-6"] : [];
  const how = protocol === "tcp" ? "-sS" : "-sU";
  const through = ifname === undefined ? [] : ["-e", ifname];
  const pace = patient ? patience : haste;
  const argv = ["nmap", ...family, how, "-p", ports, "-Pn", "-n", ...pace, ...through, "-oG", "-"];
  const { stdout } = await from.run([...argv, ...addresses.map((ip) => scoped(ip, ifname))], {
    timeoutMs: 120_000,
  });
  const found = stdout.split("\n").flatMap(readLine);
  if (!stdout.includes("# Nmap done")) throw new Error(`nmap did not finish: ${stdout}`);
  return found;
}

const scoped = (ip: string, ifname: string | undefined): string =>
  ip.startsWith("fe80:") && ifname !== undefined ? `${ip}%${ifname}` : ip;

/** One line of nmap's greppable output, e.g. `Host: 192.0.2.1 ()	Ports: 22/open/tcp//ssh///, 80/closed/tcp//http///`. */
export function readLine(line: string): FoundPort[] {
  const [, address, list] = /^Host: (\S+) .*\tPorts: ([^\t]*)/.exec(line) ?? [];
  if (address === undefined || list === undefined) return [];
  return list.split(", ").flatMap((entry): FoundPort[] => {
    const [port, state, protocol] = entry.split("/");
    if ((state !== "open" && state !== "closed") || (protocol !== "tcp" && protocol !== "udp")) return [];
    return [{ address, port: Number(port), protocol, state }];
  });
}
