/** `gateway self-test`: whether this build runs on this machine: codecs, configuration, native part. Changes nothing, needs no rights. */
import packageJson from "../../package.json" with { type: "json" };
import { messageOf } from "../base/errors.ts";
import { anyIp4, parseIp4 } from "../base/ip4.ts";
import { parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import type { Told } from "../cli/commands/common.ts";
import type { Output } from "../cli/config-place.ts";
import { jsonText } from "../cli/json-text.ts";
import { parseConfig } from "../config/parse.ts";
import { defaultConfig } from "../config/schema.ts";
import { renderConfig } from "../config/show.ts";
import { libc } from "../io/packet/libc.ts";
import { emitDhcp4 } from "../wire/dhcp4/emit.ts";
import { parseDhcp4 } from "../wire/dhcp4/parse.ts";
import { duidLl } from "../wire/dhcp6/duid.ts";
import { emitDhcp6 } from "../wire/dhcp6/emit.ts";
import { parseDhcp6 } from "../wire/dhcp6/parse.ts";

const mac = must(parseMac("00:00:5e:00:53:01"));

/** Each says what it found in a few words, or throws. */
const checks: Readonly<Record<string, () => string>> = {
  runtime: () => {
    const { bun, node } = process.versions;
    return `${bun ? `Bun ${bun}` : `Node.js ${node}`}, ${process.arch}`;
  },
  DHCPv4: () => {
    const requestedAddress = must(parseIp4("198.51.100.7"));
    const bytes = emitDhcp4({
      op: "request",
      hops: 0,
      xid: 0xfedcba98,
      secs: 3,
      broadcast: false,
      ciaddr: anyIp4,
      yiaddr: anyIp4,
      siaddr: anyIp4,
      giaddr: anyIp4,
      chaddr: mac,
      options: { messageType: "request", requestedAddress, leaseTime: 0xffffffff },
      unknown: new Map(),
      malformed: [],
    });
    const { options, xid, chaddr } = must(parseDhcp4(bytes));
    expectEqual(
      [xid, chaddr, options.requestedAddress, options.leaseTime],
      [0xfedcba98, mac, requestedAddress, 0xffffffff],
    );
    return `${bytes.length} octets there and back`;
  },
  DHCPv6: () => {
    const clientId = duidLl(mac);
    const bytes = emitDhcp6({
      type: "solicit",
      xid: 0xabcdef,
      options: { clientId, rapidCommit: true, requestList: [23, 24] },
      unknown: [],
      malformed: [],
    });
    const { options, xid } = must(parseDhcp6(bytes));
    expectEqual(
      [xid, [...(options.clientId ?? [])], options.requestList],
      [0xabcdef, [...clientId], [23, 24]],
    );
    return `${bytes.length} octets there and back`;
  },
  configuration: () => {
    const outcome = parseConfig(renderConfig(defaultConfig()), "self-test.toml");
    if (!outcome.ok) throw new Error("the defaults do not read back");
    expectEqual(outcome.config, defaultConfig());
    return "the defaults read back";
  },
  "native part": () => {
    const index = libc().ifindex("lo");
    if (index <= 0) throw new Error("if_nametoindex does not find lo");
    return "C functions can be called";
  },
};

function expectEqual(found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Error(`${JSON.stringify(found)} in place of ${JSON.stringify(wanted)}`);
}

interface Tested {
  readonly name: string;
  readonly passed: boolean;
  /** What it found, or why it failed. */
  readonly text: string;
}

function tested([name, check]: readonly [string, () => string]): Tested {
  try {
    return { name, passed: true, text: check() };
  } catch (thrown) {
    return { name, passed: false, text: messageOf(thrown) };
  }
}

/** Prints a line a check, or all in JSON. Resolves with the exit code: 1 when one failed. */
export async function selfTest({ json, out }: Pick<Output, "out"> & Told): Promise<0 | 1> {
  const results: Tested[] = [];
  for (const entry of Object.entries(checks)) {
    const result = tested(entry);
    results.push(result);
    // What ends the process is then the check after the last line.
    if (!json) out(`${result.passed ? "ok    " : "FAILED"}  ${result.name}: ${result.text}\n`);
  }
  const passed = results.every((result) => result.passed);
  if (json) out(jsonText({ version: packageJson.version, passed, checks: results }));
  return passed ? 0 : 1;
}
