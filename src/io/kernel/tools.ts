/** Whether this system has the programs and kernel parts that the gateway drives. */
import type { Processes } from "../../ports/processes.ts";
import { run } from "../run.ts";

export interface ToolNeeds {
  /** Our own DHCP and DNS server for the LAN. */
  readonly dnsmasq: boolean;
}

interface Check {
  readonly tool: string;
  readonly package: string;
  /** A complaint, or undefined when all is well; only asked when the tool is there. */
  probe(): Promise<string | undefined>;
}

const ip: Check = {
  tool: "ip",
  package: "iproute2 on Debian, ip-full on OpenWrt",
  async probe() {
    const version = await run("ip", ["-V"]);
    const json = await run("ip", ["-json", "link", "show"]);
    if (
      `${version.stdout}${version.stderr}`.includes("iproute2") &&
      json.code === 0 &&
      json.stdout.startsWith("[")
    )
      return undefined;
    return "the program ip is a reduced one, without JSON output or batches";
  },
};

const nft: Check = {
  tool: "nft",
  package: "nftables on Debian, nftables-json on OpenWrt",
  async probe() {
    const { stderr } = await run("nft", ["--json", "list", "tables"]);
    return /json/i.test(stderr) ? "the program nft cannot print JSON" : undefined;
  },
};

const dnsmasq: Check = {
  tool: "dnsmasq",
  package: "dnsmasq-base on Debian, dnsmasq on OpenWrt",
  probe: async () => undefined,
};

/**
 * The kernel loads the module at the mention of its type and then refuses a macvlan without a parent, so nothing is made. Without the
 * right to make links the question stays open.
 */
async function macvlanMissing(): Promise<string | undefined> {
  const { stderr } = await run("ip", ["link", "add", "name", "gwprobe", "type", "macvlan"]);
  return /Unknown device type|Operation not supported/.test(stderr)
    ? "the kernel has no macvlan; install a kernel with the macvlan module (linux-image-amd64 or -arm64 on Debian, kmod-macvlan on OpenWrt)"
    : undefined;
}

/** One sentence for each thing that is missing, naming the package that brings it; empty when all is there. */
export async function checkTools(
  processes: Processes,
  needs: ToolNeeds = { dnsmasq: true },
): Promise<readonly string[]> {
  const checks = needs.dnsmasq ? [ip, nft, dnsmasq] : [ip, nft];
  const complaints = await Promise.all(
    checks.map(async (check) => {
      const complaint = (await processes.has(check.tool))
        ? await check.probe()
        : `the program ${check.tool} is not installed`;
      return complaint && `${complaint}; install ${check.package}`;
    }),
  );
  if (complaints[0] === undefined) complaints.push(await macvlanMissing());
  return complaints.filter((complaint) => complaint !== undefined);
}

const proxyTrial = `table inet ipv4_ipv6_gateway_trial {
  chain trial {
    type filter hook prerouting priority dstnat + 10; policy accept;
    meta l4proto tcp ip6 daddr ::2 tproxy ip6 to [::1]:61440 accept
  }
  chain trial_input {
    type filter hook input priority filter; policy accept;
    socket transparent 1 accept
  }
}
`;

/** Why the kernel cannot lead connections to a proxy, in one sentence; undefined when it can. Nothing is made. */
export async function missingForProxy(): Promise<string | undefined> {
  const { code } = await run("nft", ["--check", "--file", "-"], proxyTrial);
  if (code === 0) return undefined;
  return "IPv6 clients cannot reach the devices: the kernel lacks nftables' tproxy or socket; install kmod-nft-tproxy and kmod-nft-socket on OpenWrt (nft_tproxy, nft_socket)";
}
