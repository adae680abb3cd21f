/** Adapter of ports/Kernel: iproute2, nftables and /proc/sys. */

import { setImmediate as turn } from "node:timers/promises";
import { GatewayError, messageOf } from "../../base/errors.ts";
import { hasCarrier } from "../../plan/port-state.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { type Ran, run } from "../run.ts";
import type { IpAnswers } from "./ip-process.ts";
import { IpSession } from "./ip-session.ts";
import { nftLibrary } from "./nft-library.ts";
import { OwnWriters } from "./own-writers.ts";
import { spreadReceived } from "./receive-queue.ts";
import { readSysctl, writeSysctl } from "./sysctl.ts";
import { watchKernel } from "./watch.ts";

/** Those that change, those that look at a few things, and those that look at everything, in detail. */
const writers = new OwnWriters();
const changing = { 4: new IpSession([], writers), 6: new IpSession(["-6"], writers) };
const looking = {
  any: new IpSession(),
  4: new IpSession(["-4"]),
  6: new IpSession(["-6"]),
  /** After `link show`, `address show` shows links only. */
  links: new IpSession(),
};
const observing = {
  4: new IpSession(["-4", "-details"]),
  6: new IpSession(["-6", "-details"]),
  both: new IpSession(["-details"]),
};

/** More interfaces than this are found among all quicker than one after the other. */
const FEW = 48;

/** After so many settings packets and events have their turn: a thousand devices have ten thousand, and what the kernel tells meanwhile is lost. */
const SETTINGS_A_TURN = 250;
let settingsWritten = 0;

export const systemKernel: Kernel = {
  spreadReceived,

  async ipBatch(lines, family = 4) {
    if (lines.length === 0) return [];
    return (await changing[family].run(lines)).failures;
  },

  async ipAddresses6(ifnames) {
    const wanted = new Set(ifnames);
    if (wanted.size > FEW) {
      const all = await looking[6].run(["address show"]);
      if (!all.inconsistent) return linksIn(all).filter(({ ifname }) => wanted.has(ifname));
    }
    // What is told of one interface is consistent in any case.
    return linksOf(looking[6], "address", ifnames);
  },

  async carriers(ifnames) {
    const shown = await linksOf(looking.links, "link", ifnames);
    return new Map(shown.map(({ ifname, flags = [] }) => [ifname, hasCarrier(flags)]));
  },

  async ipJson([first = "", ...rest]) {
    const family = first === "-4" ? 4 : first === "-6" ? 6 : undefined;
    const line = (family ? rest : [first, ...rest]).join(" ");
    return answerTo(looking[family ?? "any"], line);
  },

  async ipShow(family, commands) {
    // It may have been there since before a port got another name.
    observing[family].renew();
    const answers: unknown[] = [];
    for (const command of commands) answers.push(await answerTo(observing[family], command.join(" ")));
    return answers;
  },

  async nft(script) {
    const ran = nftLibrary()?.(script) ?? (await run("nft", ["-f", "-"], script));
    if (ran.code !== 0) throw failed("nft-failed", "nft -f", ran);
  },

  async nftJson(args) {
    // Its library is loaded at the first question; programs that were asked at the same time start before that.
    await turn();
    const ran = nftLibrary()?.(args.join(" "), "json") ?? (await run("nft", ["--json", ...args]));
    if (ran.code !== 0 && ran.stderr.includes("No such file or directory")) return undefined;
    if (ran.code !== 0) throw failed("nft-failed", `nft ${args.join(" ")}`, ran);
    return parseJson("nft-failed", `nft ${args.join(" ")}`, ran.stdout, { nftables: [] });
  },

  readSysctl: async (key) => readSysctl(key),
  async writeSysctl(key, value) {
    writeSysctl(key, value);
    settingsWritten += 1;
    if (settingsWritten % SETTINGS_A_TURN === 0) await turn();
  },
  watch: (tables, onEvent) =>
    watchKernel(tables, writers, (event) => {
      for (const session of Object.values(looking)) {
        if (event.kind === "resync") session.renew();
        if (event.kind === "link" && event.gone) session.gone(event.ifname);
      }
      onEvent(event);
    }),
};

interface ShownLink {
  readonly ifname: string;
  readonly flags?: readonly string[];
}

/** What is shown of these interfaces, one by one. */
async function linksOf(
  session: IpSession,
  what: "link" | "address",
  ifnames: readonly string[],
): Promise<readonly ShownLink[]> {
  const wanted = new Set(ifnames);
  const lines = [...wanted].map((ifname) => `${what} show dev ${ifname}`);
  const shown = async (): Promise<readonly ShownLink[]> =>
    linksIn(await session.run(lines)).filter(({ ifname }) => wanted.has(ifname));
  const found = await shown();
  if (found.length >= wanted.size) return found;
  // Of one that was made anew meanwhile nothing is told, and no error either.
  session.renew();
  return shown();
}

const linksIn = ({ printed }: IpAnswers): readonly ShownLink[] =>
  printed.flatMap((line) => listIn(line, "ip show") as readonly ShownLink[]);

async function answerTo(session: IpSession, line: string): Promise<readonly unknown[]> {
  const { printed, failures } = await session.look([line]);
  const [failure] = failures;
  if (failure) throw failed("ip-failed", `ip ${line}`, { code: 1, stdout: "", stderr: failure.message });
  return printed.flatMap((text) => listIn(text, `ip ${line}`));
}

function listIn(text: string, what: string): readonly unknown[] {
  const value = parseJson("ip-failed", what, text, []);
  if (!Array.isArray(value)) throw new GatewayError("ip-failed", "bug", `${what}: no list`);
  return value;
}

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

function parseJson(code: string, what: string, text: string, whenEmpty: unknown): unknown {
  if (text.trim() === "") return whenEmpty;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GatewayError(code, "bug", `${what}: no JSON: ${messageOf(error)}`, undefined, { cause: error });
  }
}
