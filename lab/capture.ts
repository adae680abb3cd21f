import { type Running, run } from "./exec.ts";
import type { Namespace } from "./netns.ts";
import { projectFile } from "./paths.ts";
import { sleep, waitFor } from "./wait.ts";

const asRoot = projectFile("lab/programs/as-root.mjs");
const tcpdump = [process.execPath, asRoot, "tcpdump", "-Z", "root"];

export interface CaptureLimits {
  readonly frames?: number;
  /** Octets kept of each frame; 0 is all. */
  readonly snapBytes?: number;
}

/** A running pcap capture of one interface. */
export class Capture {
  private constructor(
    readonly file: string,
    private readonly running: Running,
  ) {}

  /**
   * Resolves when the capture is on.
   * @param filter pcap filter words, as `["arp"]`
   * @param limits whole frames, at most 200,000 of them, unless told
   */
  static async start(
    namespace: Namespace,
    ifname: string,
    file: string,
    filter: readonly string[] = [],
    limits: CaptureLimits = {},
  ): Promise<Capture> {
    const size = ["-s", String(limits.snapBytes ?? 0), "-c", String(limits.frames ?? 200_000)];
    const argv = [...tcpdump, "-i", ifname, "-n", "-U", "--immediate-mode", ...size, "-w", file];
    const running = namespace.start([...argv, ...filter]);
    await waitFor("tcpdump listens", () => running.lines.some((line) => line.includes("listening on")), {
      explain: () => running.lines.join("\n"),
    });
    return new Capture(file, running);
  }

  /** How many captured frames match, as `["arp", "and", "ether", "src", mac]`. */
  async count(filter: readonly string[] = []): Promise<number> {
    return (await this.lines(filter)).length;
  }

  /** One line a frame, with MACs, as tcpdump prints it. */
  async lines(filter: readonly string[] = []): Promise<readonly string[]> {
    const { stdout } = await run([...tcpdump, "-r", this.file, "-nn", "-e", "-tt", ...filter]);
    return stdout.split("\n").filter((line) => /^\d+\.\d+ /.test(line));
  }

  /** Ends the capture; the file stays and can still be counted. */
  async stop(): Promise<void> {
    // Frames on their way through the socket's buffer.
    await sleep(50);
    await this.running.stop("SIGTERM");
  }
}
