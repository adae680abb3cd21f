import type { Running } from "./exec.ts";
import { connect, Namespace } from "./netns.ts";
import { projectFile } from "./paths.ts";
import { type ServiceOptions, type Services, startServices } from "./services.ts";
import { fetchFrom, pingFrom } from "./talk.ts";
import { waitFor } from "./wait.ts";

const udhcpcScript = projectFile("lab/programs/udhcpc.sh");

const client = [process.execPath, projectFile("lab/programs/client.mjs")];

export interface DeviceDescription {
  readonly name: string;
  readonly mac: string;
  /** `dhcp`, or a static address such as `192.168.1.50/24` with its router. */
  readonly address: "dhcp" | { readonly ip: string; readonly router?: string };
  /** DHCP option 12 and 60. */
  readonly hostName?: string;
  readonly vendorClass?: string;
  readonly services?: ServiceOptions;
}

export interface Download {
  /** Octets received so far. */
  received(): number;
  readonly running: boolean;
  /** Resolves with the exit code (0: complete; 7: no connection; 18: cut off) and the octets received. */
  readonly finished: Promise<{ readonly code: number | null; readonly bytes: number }>;
  stop(): Promise<void>;
}

/** Starts a download, of whatever host, that runs beside the test. */
export function startDownload(namespace: Namespace, url: string): Download {
  let received = 0;
  const running = namespace.start([...client, "download", url], {
    keepLines: 100,
    onLine: (line, from) => {
      if (from === "stdout") received += Number(line);
    },
  });
  return {
    received: () => received,
    get running() {
      return running.running;
    },
    finished: running.exited.then(({ code }) => ({ code, bytes: received })),
    stop: async () => {
      await running.stop("SIGKILL");
    },
  };
}

/** A real device host on the LAN. */
export class Device {
  #dhcp: Running | undefined;
  services: Services | undefined;

  private constructor(
    readonly description: DeviceDescription,
    readonly namespace: Namespace,
  ) {}

  /** Plugs a new host into the LAN bridge and configures it; does not wait for a lease. */
  static async create(description: DeviceDescription, lan: Namespace): Promise<Device> {
    const namespace = await Namespace.create(`dev-${description.name}`);
    await connect(
      { namespace, ifname: "eth0", mac: description.mac },
      { namespace: lan, ifname: `p-${description.name}`.slice(0, 15), bridge: "br0" },
    );
    const device = new Device(description, namespace);
    await device.#configure();
    if (description.services !== undefined) {
      device.services = await startServices(namespace, description.name, description.services);
    }
    return device;
  }

  get name(): string {
    return this.description.name;
  }

  get mac(): string {
    return this.description.mac;
  }

  async #configure(): Promise<void> {
    const { address } = this.description;
    if (address === "dhcp") {
      this.startDhcp();
      return;
    }
    const route = address.router === undefined ? [] : [`route add default via ${address.router}`];
    await this.namespace.ip([`addr add ${address.ip} dev eth0`, ...route]);
  }

  startDhcp(): void {
    const { hostName = this.name, vendorClass } = this.description;
    const vendor = vendorClass === undefined ? [] : ["-V", vendorClass];
    const argv = ["busybox", "udhcpc", "-f", "-R", "-i", "eth0", "-s", udhcpcScript];
    this.#dhcp = this.namespace.start([
      ...argv,
      ...["-t", "4", "-T", "1", "-A", "2", "-x", `hostname:${hostName}`, ...vendor],
    ]);
  }

  /** Ends the DHCP client; SIGTERM lets it release its lease. */
  async stopDhcp(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    await this.#dhcp?.stop(signal);
  }

  dhcpLog(): readonly string[] {
    return this.#dhcp?.lines ?? [];
  }

  /** Its IPv4 address now; undefined while it has none. */
  async ip(): Promise<string | undefined> {
    const [link] = (await this.namespace.ipJson(["-4", "addr", "show", "dev", "eth0"])) as readonly {
      readonly addr_info?: readonly { readonly local: string }[];
    }[];
    return link?.addr_info?.[0]?.local;
  }

  waitForIp(timeoutMs = 15_000): Promise<string> {
    return waitFor(`${this.name} has an address`, () => this.ip(), {
      timeoutMs,
      explain: () => this.dhcpLog().slice(-10).join("\n"),
    });
  }

  /** The body of a page. Errors: curl's, with its exit code. */
  fetch(url: string, timeoutSeconds?: number): Promise<string> {
    return fetchFrom(this.namespace, url, timeoutSeconds);
  }

  /** Whether `count` echo requests, five a second, were all answered. */
  ping(ip: string, count?: number): Promise<boolean> {
    return pingFrom(this.namespace, ip, count);
  }

  /** Sends `count` datagrams, ten a second; resolves with what came back within 2 s of the last. */
  async udp(ip: string, port: number, text: string, count = 1): Promise<readonly string[]> {
    const argv = [...client, "udp", ip, String(port), text, String(count)];
    const { stdout } = await this.namespace.run(argv, { mayFail: true, timeoutMs: count * 100 + 10_000 });
    return stdout.split("\n").filter(Boolean);
  }

  /** Opens a TCP connection, sends `text` and resolves with the lines that came until `text` was back, or for 5 s. */
  async talk(ip: string, port: number, text: string): Promise<readonly string[]> {
    const { stdout } = await this.namespace.run([...client, "tcp", ip, String(port), text], {
      mayFail: true,
    });
    return stdout.split("\r\n").filter(Boolean);
  }

  /** Starts a download that runs beside the test. */
  download(url: string): Download {
    return startDownload(this.namespace, url);
  }

  /** Takes the host's link down or up. */
  async setLink(state: "up" | "down"): Promise<void> {
    await this.namespace.ip([`link set eth0 ${state}`]);
  }

  async remove(): Promise<void> {
    await this.namespace.remove();
  }
}
