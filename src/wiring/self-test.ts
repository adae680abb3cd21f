/** `gateway self-test`: whether this build runs on this machine: codecs, configuration, native part. Changes nothing, needs no rights. */
import { anyIp4, parseIp4 } from "../base/ip4.ts";
import { parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
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

/** Prints a line a check. Resolves with the exit code: 1 when one failed. */
export async function selfTest(out: (text: string) => void): Promise<0 | 1> {
  let code: 0 | 1 = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      out(`ok      ${name}: ${check()}\n`);
    } catch (thrown) {
      code = 1;
      out(`FAILED  ${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    }
  }
  return code;
}
