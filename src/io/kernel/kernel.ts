/** Adapter of ports/Kernel: iproute2, nftables and /proc/sys. */
import { GatewayError, messageOf } from "../../base/errors.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { type Ran, run } from "../run.ts";
import { IpSession } from "./ip-session.ts";
import { nftLibrary } from "./nft-library.ts";
import { readSysctl, writeSysctl } from "./sysctl.ts";
import { watchKernel } from "./watch.ts";

const sessions = { 4: new IpSession(), 6: new IpSession(["-6"]) };
const looking6 = new IpSession(["-6", "-details"]);

export const systemKernel: Kernel = {
  async ipBatch(lines, family = 4) {
    if (lines.length === 0) return [];
    return (await sessions[family].run(lines)).failures;
  },

  async ipAddresses6(ifnames) {
    const { printed } = await looking6.run(ifnames.map((ifname) => `address show dev ${ifname}`));
    return printed.flatMap((line) => parseJson("ip-failed", "ip -6 address show", line, []) as unknown[]);
  },

  async ipJson(args) {
    const ran = await run("ip", ["-json", ...args]);
    if (ran.code !== 0) throw failed("ip-failed", `ip ${args.join(" ")}`, ran);
    return parseJson("ip-failed", `ip ${args.join(" ")}`, ran.stdout, []);
  },

  async ipShow(family, commands) {
    const options = [`-${family}`, "-details", "-json"];
    const ran = await run(
      "ip",
      [...options, "-batch", "-"],
      commands.map((c) => `${c.join(" ")}\n`).join(""),
    );
    if (ran.code !== 0) throw failed("ip-failed", "ip -json -batch", ran);
    const lines = ran.stdout.split("\n").filter((line) => line !== "");
    // Some versions print nothing where others print an empty list: then nobody knows which answer is whose.
    if (lines.length !== commands.length)
      return Promise.all(commands.map((c) => systemKernel.ipJson([...options, ...c])));
    return lines.map((line, n) => parseJson("ip-failed", `ip ${commands[n]?.join(" ")}`, line, []));
  },

  async nft(script) {
    const ran = nftLibrary()?.(script) ?? (await run("nft", ["-f", "-"], script));
    if (ran.code !== 0) throw failed("nft-failed", "nft -f", ran);
  },

  async nftJson(args) {
    const ran = nftLibrary()?.(args.join(" "), "json") ?? (await run("nft", ["--json", ...args]));
    if (ran.code !== 0 && ran.stderr.includes("No such file or directory")) return undefined;
    if (ran.code !== 0) throw failed("nft-failed", `nft ${args.join(" ")}`, ran);
    return parseJson("nft-failed", `nft ${args.join(" ")}`, ran.stdout, { nftables: [] });
  },

  readSysctl: async (key) => readSysctl(key),
  writeSysctl: async (key, value) => writeSysctl(key, value),
  watch: (table, onEvent) => watchKernel(table, onEvent),
};

/** Long scripts are quoted back by nft: the first lines tell what is wrong. */
const REASON_LINES = 6;

function failed(code: string, what: string, { code: exit, stderr }: Ran): GatewayError {
  const reason = stderr.trim().split("\n").slice(0, REASON_LINES).join("\n") || `exit code ${exit}`;
  const rights = /Operation not permitted|Permission denied/.test(reason);
  return new GatewayError(
    code,
    rights ? "operator" : "kernel",
    `${what}: ${reason}`,
    rights ? "run as root" : undefined,
  );
}

/** `ip` prints nothing at all where some versions print an empty list. */
function parseJson(code: string, what: string, text: string, whenEmpty: unknown): unknown {
  if (text.trim() === "") return whenEmpty;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GatewayError(code, "bug", `${what}: no JSON: ${messageOf(error)}`, undefined, { cause: error });
  }
}
