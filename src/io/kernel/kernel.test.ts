import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";

const sandbox = "--user --map-root-user --net --mount --pid --fork --kill-child --mount-proc".split(" ");
// The program must find koffi from where it lies.
const directory = mkdtempSync(join(import.meta.dirname, "../../../node_modules/.kernel-trial-"));
const program = join(directory, "trial.js");

beforeAll(async () => {
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
  await build({
    entryPoints: {
      trial: join(import.meta.dirname, "trial.ts"),
      "packet-reader": join(import.meta.dirname, "../packet/reader-program.ts"),
    },
    outdir: directory,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["koffi"],
  });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("drives a real kernel: a thousand identities, errors line by line, settings, nft as a transaction, events", async () => {
  const { stdout } = await promisify(execFile)("unshare", [...sandbox, process.execPath, program], {
    timeout: 28_000,
  });
  const found = JSON.parse(stdout) as Record<string, unknown>;
  expect(found).toMatchObject({
    tools: [],
    noLines: [],
    batch: [
      { line: 1, message: 'Cannot find device "nope0"' },
      { line: 3, message: 'Object "bogus" is unknown, try "ip help".' },
      { line: 6, message: expect.stringMatching(/unreachable|invalid gateway/) },
    ],
    added: [],
    links: 1003,
    sysctl: ["1", "undefined"],
    sysctlErrors: [
      expect.stringMatching(/^sysctl-failed: .*nope0.*ENOENT/),
      expect.stringMatching(/^sysctl-failed: .*does not take "many": EINVAL/),
    ],
    ipError: 'ip-failed: ip link show dev nope0: Device "nope0" does not exist.',
    noRoutes: [],
    batch6: [{ line: 1, message: "No such file or directory" }],
    ruleOf: [false, true],
    both: ["192.0.2.9", "2001:db8::9"],
    bothRules: false,
    addresses6: [["2001:db8::9"], ["2001:db8::9"]],
    again: [{ line: 1, message: 'Cannot find device "nope0"' }],
    againMtu: 1300,
    againShown: ["2001:db8::11"],
    noTable: "undefined",
    nftError: expect.stringMatching(/^nft-failed: .*No such file or directory/),
    nft: ["metainfo", "table", "set"],
    neighbour: [
      { state: "REACHABLE", mac: "02:00:5e:10:00:05" },
      // The kernel first lets go of the address, then of the entry.
      { state: "FAILED" },
      { state: "DELETED" },
    ],
    address6: {
      kind: "address",
      ifname: "wan0",
      family: 6,
      ip: "2001:db8::7",
      length: 128,
      made: false,
      gone: false,
      state: "usable",
    },
    routes: ["route 1000002 203.0.113.0/24", "route6 999998 ::/0 2001:db8::7"],
    foreignRoute: true,
    ofOwn: [],
    rulesets: {
      element: [{ kind: "nftables", keys: [], gone: true }],
      chain: 1,
      another: 0,
      flushed: true,
    },
    byMonitor: ["resync", "resync", "nftables"],
    monitors: 1,
    monitorsAfterStop: 0,
  });
  expect(found.kinds).toEqual(
    expect.arrayContaining(["address", "link", "neighbour", "resync", "route", "rule", "setting"]),
  );
  expect(found.carrier).toEqual(expect.arrayContaining(["true false", "false false", "false true"]));
  // Either each removal was told, or the loss was.
  expect(found.identitiesGone === 1000 || Number(found.lostEvents) > 0).toBe(true);
});
