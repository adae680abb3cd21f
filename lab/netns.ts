import { type Running, type RunOptions, type RunResult, run, type StartOptions, start } from "./exec.ts";
import { waitFor } from "./wait.ts";

/** A named network namespace. */
export class Namespace {
  private constructor(readonly name: string) {}

  static async create(name: string): Promise<Namespace> {
    await run(["ip", "netns", "add", name]);
    const namespace = new Namespace(name);
    await namespace.ip(["link set lo up"]);
    return namespace;
  }

  static existing(name: string): Namespace {
    return new Namespace(name);
  }

  /** The argv that runs `argv` in here. */
  command(argv: readonly string[]): readonly string[] {
    return ["ip", "netns", "exec", this.name, ...argv];
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return run(this.command(argv), options);
  }

  start(argv: readonly string[], options: StartOptions = {}): Running {
    return start(this.command(argv), options);
  }

  /** Lines for `ip -batch`, all of them. Errors: the first line that fails. */
  async ip(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    await run(["ip", "-n", this.name, "-batch", "-"], { input: `${lines.join("\n")}\n` });
  }

  async ipJson(args: readonly string[]): Promise<unknown> {
    const { stdout } = await run(["ip", "-n", this.name, "-json", ...args]);
    return stdout.trim() === "" ? [] : JSON.parse(stdout);
  }

  async nft(script: string): Promise<void> {
    await this.run(["nft", "-f", "-"], { input: script });
  }

  /** Settings as `net.ipv4.ip_forward`; interface names may hold dots when written with slashes. */
  async sysctl(settings: Readonly<Record<string, string | number>>): Promise<void> {
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    if (lines.length > 0) await this.run(["sysctl", "-q", "-w", ...lines]);
  }

  /** Processes inside, by id. */
  async pids(): Promise<readonly number[]> {
    const { stdout } = await run(["ip", "netns", "pids", this.name]);
    return stdout.split("\n").filter(Boolean).map(Number);
  }

  /**
   * Ends every process inside and removes the namespace with its interfaces; resolves when the processes are gone from the
   * process table too. Errors: one that is still there after 10 s.
   */
  async remove(): Promise<void> {
    const killed = new Set<number>();
    await waitFor(`the processes of ${this.name} are gone`, async () => {
      for (const pid of await this.pids()) {
        killed.add(pid);
        signal(pid, "SIGKILL");
      }
      return ![...killed].some((pid) => signal(pid, 0));
    });
    await run(["ip", "netns", "del", this.name]);
  }
}

/** Whether there was such a process to signal. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

export interface CableEnd {
  readonly namespace: Namespace;
  readonly ifname: string;
  readonly mac?: string;
  /** No IPv6 on this interface, so that it emits no frame of its own. */
  readonly ipv6?: boolean;
  /** The bridge this end is a port of. */
  readonly bridge?: string;
}

/**
 * A veth pair between two namespaces, both ends up. Transmit checksum offload is off: a frame that crosses veth with an
 * unfinished checksum is taken for damaged by packet-socket readers.
 */
export async function connect(a: CableEnd, b: CableEnd): Promise<void> {
  const address = (end: CableEnd): string[] => (end.mac === undefined ? [] : ["address", end.mac]);
  await run(
    ["ip", "link", "add", "name", a.ifname, ...address(a), "netns", a.namespace.name].concat(
      ["type", "veth", "peer", "name", b.ifname, ...address(b)],
      ["netns", b.namespace.name],
    ),
  );
  await Promise.all([a, b].map(prepare));
}

async function prepare(end: CableEnd): Promise<void> {
  await end.namespace.run(["ethtool", "-K", end.ifname, "tx", "off"]);
  if (end.ipv6 !== true) await end.namespace.sysctl({ [`net/ipv6/conf/${end.ifname}/disable_ipv6`]: 1 });
  const master = end.bridge === undefined ? [] : [`link set ${end.ifname} master ${end.bridge}`];
  await end.namespace.ip([...master, `link set ${end.ifname} up`]);
}

/** A namespace that is a plain switch: one bridge `br0`, forwarding at once, silent itself. */
export async function createSwitch(name: string): Promise<Namespace> {
  const namespace = await Namespace.create(name);
  await namespace.sysctl({
    "net.ipv6.conf.all.disable_ipv6": 1,
    "net.ipv6.conf.default.disable_ipv6": 1,
  });
  await namespace.ip([
    "link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
    "link set br0 up",
  ]);
  return namespace;
}
