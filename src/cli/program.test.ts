import { expect, test } from "vitest";
import { GatewayError } from "../base/errors.ts";
import { aliasArguments, type Commands, runProgram } from "./program.ts";

/** Runs a command line against commands that only note how they were called. */
async function run(args: readonly string[], over: Partial<Commands> = {}, invokedAs = "/usr/bin/gateway") {
  const calls: unknown[][] = [];
  let out = "";
  let err = "";
  const note =
    (name: string) =>
    async (...given: unknown[]): Promise<0> => {
      calls.push([name, ...given]);
      return 0;
    };
  const commands: Commands = {
    run: note("run"),
    status: note("status"),
    devices: note("devices"),
    device: note("device"),
    retry: note("retry"),
    forget: note("forget"),
    events: note("events"),
    export: note("export"),
    plan: note("plan"),
    schema: note("schema"),
    macs: note("macs"),
    configCheck: note("check"),
    configShow: note("show"),
    configSchema: note("config schema"),
    configImport: note("import"),
    selfTest: note("self-test"),
    cleanup: note("cleanup"),
    diagnose: note("diagnose"),
    forwardAdd: note("add"),
    forwardRemove: note("remove"),
    forwardList: note("list"),
    forwardQuick: note("quick"),
    inboundEnable: note("enable"),
    inboundDisable: note("disable"),
    inboundStatus: note("inbound status"),
    logLevel: note("log-level"),
    ...over,
  };
  const code = await runProgram(["node", invokedAs, ...args], commands, {
    version: "1.2.3",
    defaultConfigPath: "/etc/g.toml",
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, calls, out, err };
}

const view = { json: false, direct: false, watch: false };
const standard = { path: "/etc/g.toml", named: false };
const named = { path: "x.toml", named: true };

const plain = { json: false };
const unfixed = { fix: undefined, dryRun: false, probe: false, json: false };

test.each<[string, unknown[]]>([
  ["run", ["run", standard]],
  ["log-level dhcp4 debug", ["log-level", standard, { area: "dhcp4", level: "debug", json: false }]],
  ["log-level", ["log-level", standard, { area: undefined, level: undefined, json: false }]],
  ["diagnose", ["diagnose", standard, unfixed]],
  ["diagnose --fix-all --json", ["diagnose", standard, { ...unfixed, fix: "all", json: true }]],
  ["diagnose --fix-network", ["diagnose", standard, { ...unfixed, fix: "network" }]],
  ["diagnose --fix-service --dry-run", ["diagnose", standard, { ...unfixed, fix: "service", dryRun: true }]],
  [
    "diagnose --dry-run --probe",
    ["diagnose", standard, { fix: "all", dryRun: true, probe: true, json: false }],
  ],
  [
    "port-forward add 8081 192.168.1.9 80",
    ["add", standard, { gatewayPort: "8081", address: "192.168.1.9", port: "80", udp: false }, plain],
  ],
  [
    "port-forward remove 53 192.168.1.9 5353 --udp",
    ["remove", standard, { gatewayPort: "53", address: "192.168.1.9", port: "5353", udp: true }, plain],
  ],
  ["port-forward list --json", ["list", standard, { json: true }]],
  ["port-forward quick-device 192.168.1.9", ["quick", standard, "192.168.1.9", plain]],
  ["ipv6-forward enable 192.168.1.9", ["enable", standard, { address: "192.168.1.9", from: [] }, plain]],
  [
    "ipv6-forward enable 192.168.1.9 --from 2001:db8::/32 --from 192.0.2.7",
    ["enable", standard, { address: "192.168.1.9", from: ["2001:db8::/32", "192.0.2.7"] }, plain],
  ],
  ["ipv6-forward disable 192.168.1.9", ["disable", standard, "192.168.1.9", plain]],
  ["ipv6-forward status --json", ["inbound status", standard, { json: true }]],
  ["run --config x.toml", ["run", named]],
  ["--config x.toml run", ["run", named]],
  ["status", ["status", standard, view]],
  ["status --direct --json -c x.toml", ["status", named, { ...view, json: true, direct: true }]],
  ["devices", ["devices", standard, { ...view, status: undefined }]],
  ["devices all --watch", ["devices", standard, { ...view, watch: true, status: undefined }]],
  [
    "devices failed --json --direct",
    ["devices", standard, { ...view, json: true, direct: true, status: "failed" }],
  ],
  ["device 00-00-5E-00-53-01 --json", ["device", standard, "00:00:5e:00:53:01", { json: true }]],
  ["retry 00:00:5e:00:53:01", ["retry", standard, "00:00:5e:00:53:01", plain]],
  ["retry 00:00:5e:00:53:01 --json", ["retry", standard, "00:00:5e:00:53:01", { json: true }]],
  ["forget 00:00:5e:00:53:01", ["forget", standard, "00:00:5e:00:53:01", plain]],
  ["events", ["events", standard, { follow: false, json: false, lines: 100 }]],
  ["events -f -n 0 --json", ["events", standard, { follow: true, json: true, lines: 0 }]],
  ["export", ["export", standard, { format: "csv", direct: false, status: undefined }]],
  [
    "export --format json --status failed --direct",
    ["export", standard, { format: "json", direct: true, status: "failed" }],
  ],
  ["export --json", ["export", standard, { format: "json", direct: false, status: undefined }]],
  ["plan --json", ["plan", standard, { json: true }]],
  ["schema", ["schema", undefined]],
  ["schema port-forward list", ["schema", "port-forward list"]],
  ["config check --config x.toml", ["check", named, plain]],
  ["config check --json", ["check", standard, { json: true }]],
  ["config show", ["show", standard, plain]],
  ["config show --json", ["show", standard, { json: true }]],
  ["config import a.py --json", ["import", "a.py", { json: true, uci: false }]],
  ["config import a.py --uci", ["import", "a.py", { json: false, uci: true }]],
  ["config schema", ["config schema"]],
  ["cleanup", ["cleanup", standard, plain]],
  ["cleanup --json", ["cleanup", standard, { json: true }]],
  ["self-test", ["self-test", plain]],
  ["self-test --json", ["self-test", { json: true }]],
])("gateway %s", async (line, call) => {
  expect(await run(line.split(" "))).toEqual({ code: 0, calls: [call], out: "", err: "" });
});

test.each([
  ["", "Usage: gateway"],
  ["stauts", "error: unknown command 'stauts' (Did you mean status?)"],
  ["status --jsn", "error: unknown option '--jsn' (Did you mean --json?)"],
  ["status extra", "error: too many arguments for 'status'"],
  ["devices great", "Allowed choices are all, pending, discovering, active, inactive, failed."],
  ["run --config", "error: option '-c, --config <file>' argument missing"],
  ["config", "Usage: gateway config"],
  ["config chek", "error: unknown command 'chek'"],
  ["device camera", "A MAC is written as 00:00:5e:00:53:01."],
  ["device", "error: missing required argument 'mac'"],
  ["events -n 1001", "A number from 0 to 1000 is allowed."],
  ["export --format csv --json", "option '--json' cannot be used with option '--format <format>'"],
  ["log-level every", "error: 'every' is no area. Allowed choices are all, gateway,"],
  ["export --format xml", "Allowed choices are csv, json."],
  ["completion fish", "Allowed choices are bash, zsh."],
])("wrong usage %j exits 2 and calls nothing", async (line, message) => {
  const result = await run(line === "" ? [] : line.split(" "));
  expect([result.code, result.calls, result.out]).toEqual([2, [], ""]);
  expect(result.err).toContain(message);
});

const hostile = ["; touch /tmp/x", "$(touch x)`id`'\"", "a\nb\x1b[31m", "\u202eevil", "A".repeat(10_000)];
test.each([
  [],
  ["devices"],
  ["status"],
  ["config"],
  ["port-forward"],
  ["port-forward", "add", "1", "192.0.2.1", "2"],
  ["status", "--"],
])("hostile words after %j end in one short line that a terminal shows as it is", async (...before) => {
  for (const word of hostile)
    for (const typed of [word, `--${word}`]) {
      const { code, calls, out, err } = await run([...before, typed]);
      expect([code, calls, out]).toEqual([2, [], ""]);
      expect(err).toMatch(/^error: [^\p{Cc}\p{Cf}]{1,300}\ngateway --help shows what there is\.\n$/u);
    }
});

test("what a system call says of a hostile name is shown on its line", async () => {
  const thrown = new Error(`ENAMETOOLONG: open '${"A".repeat(10_000)}\x1b[31m'`);
  const { err } = await run(["run"], { run: () => Promise.reject(thrown) });
  expect(err).toMatch(/^gateway: ENAMETOOLONG: open 'A+…A+\\u\{1b\}\[31m'\n$/);
  expect(err.length).toBeLessThan(1_100);
});

test("help and version are good", async () => {
  expect(await run(["--version"])).toMatchObject({ code: 0, out: "1.2.3\n", err: "" });
  const help = await run(["--help"]);
  expect(help).toMatchObject({ code: 0, err: "", calls: [] });
  for (const word of [
    "run",
    "status",
    "devices",
    "config",
    "cleanup",
    "Examples:",
    "/etc/g.toml",
    "Exit codes:",
  ]) {
    expect(help.out).toContain(word);
  }
  expect(Math.max(...help.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("exit codes of commands", async () => {
  expect(await run(["cleanup"], { cleanup: async () => 1 as const })).toMatchObject({ code: 1, err: "" });
  const fails = (thrown: unknown) => run(["run"], { run: () => Promise.reject(thrown) });
  expect(await fails(new GatewayError("config-invalid", "operator", "bad key", "look there"))).toMatchObject({
    code: 2,
    err: "gateway: bad key\nHint: look there\n",
  });
  expect(await fails(new GatewayError("no-rights", "operator", "root is needed"))).toMatchObject({
    code: 1,
    err: "gateway: root is needed\n",
  });
  expect(await fails(new Error("boom"))).toMatchObject({ code: 1, err: "gateway: boom\n" });
});

test("the original's names act as the subcommand", async () => {
  const as = async (name: string, ...args: string[]) => (await run(args, {}, name)).calls[0]?.[0];
  expect(await as("/usr/bin/gateway-status")).toBe("status");
  expect(await as("/usr/bin/gateway-devices.js", "active")).toBe("devices");
  expect(await as("gateway-status-direct", "--json")).toBe("status");
  expect(await as("gateway-devices-direct")).toBe("devices");
  expect(aliasArguments("/x/gateway-devices-direct")).toEqual(["devices", "--direct"]);
  expect(aliasArguments("/x/gateway.js")).toEqual([]);
  expect(aliasArguments("/x/constructor")).toEqual([]);
});
