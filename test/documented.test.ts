/** README and docs tell people to type commands: what installs and operates is run by a test, or is marked as needing a router; placeholders of the gateway's own are known. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { projectFile } from "../lab/paths.ts";
import { documentedCommands, isOfGateway, writtenOut } from "../lab/suites/documented.ts";

const linux = "lab/scenarios/install.alone.lab.ts";
const systemd = "lab/scenarios/install-systemd.alone.lab.ts";
const openWrt = "lab/scenarios/install-openwrt.alone.lab.ts";

/** Commands that install and operate: which test runs them, and what stands there. */
const elsewhere: Readonly<Record<string, readonly [file: string, text: string]>> = {
  "./install.sh --full-auto": [linux, '"--full-auto", "--offline"'],
  "./install.sh --full-auto --dry-run": [linux, '"--full-auto", "--dry-run"'],
  "uninstall.sh --restore-network": [linux, '"--restore-network"'],
  "/etc/init.d/ipv4-ipv6-gateway restart": [openWrt, '"restart"'],
  "/etc/init.d/ipv4-ipv6-gateway stop": [openWrt, 'service("stop")'],
  "/etc/init.d/ipv4-ipv6-gateway start": [openWrt, '"start"'],
  "/usr/lib/ipv4-ipv6-gateway/service start": [linux, "/usr/lib/ipv4-ipv6-gateway/service start"],
  "… service reload": [linux, '"reload"'],
  "… service restart": [linux, 'service("restart")'],
  "… service stop": [linux, 'service("stop")'],
  "/etc/init.d/firewall reload": [openWrt, '"firewall reload"'],
  "systemctl start ipv4-ipv6-gateway": [systemd, '"start"'],
  "systemctl reload ipv4-ipv6-gateway": [systemd, '"reload"'],
  "systemctl restart …": [systemd, '"restart"'],
  "systemctl stop …": [systemd, '"stop"'],
  "journalctl -u ipv4-ipv6-gateway": [systemd, '"journalctl", "-u"'],
  "gateway run": ["lab/gateway.ts", '"run"'],
  "sudo node dist/gateway.js run --config gateway.toml": ["lab/gateway.ts", '["run", "--config"'],
  "npm ci && npm run build": ["scripts/prepare", "npm ci"],
  "npm run docs": ["src/config/document.test.ts", "toMatchFileSnapshot"],
  "scripts/package": ["test/packaging.test.ts", "scripts/package"],
  "scripts/test": [".ci/run", "scripts/test"],
  "scripts/debian-root": ["scripts/test", "scripts/debian-root"],
  "scripts/run-packaged.mjs --only musl NAME": ["scripts/test.mjs", "scripts/run-packaged.mjs"],
  "scripts/run-scenarios.mjs NAME": ["scripts/test.mjs", "scripts/run-scenarios.mjs"],
  "scripts/demo": ["scripts/test.mjs", '"scripts/demo"'],
  "scripts/demo --network ipv4": ["scripts/test.mjs", '"scripts/demo"'],
};

/** They measure a machine that does nothing else; docs/performance.md is what they said. */
const isMeasurement = (line: string): boolean => line.startsWith("bench/");

test("every documented command is run by a test, or needs a router and says so", async () => {
  const commands = await documentedCommands();
  expect(commands.filter(isOfGateway).length).toBeGreaterThan(30);
  const marked = await readFile(projectFile("docs/hardware.md"), "utf8");
  const without = commands
    .filter((line) => !isOfGateway(line) && !isMeasurement(line))
    .filter((line) => elsewhere[line] === undefined && !marked.includes(`\`${line}\``));
  expect(without).toEqual([]);
  for (const line of commands.filter(isOfGateway)) writtenOut(line, "2001:db8::1");
  for (const line of commands.filter(isMeasurement))
    await readFile(projectFile(`${line.split(" ")[0]}.ts`), "utf8");
});

test("the tests that are said to run a command do, and the commands are still documented", async () => {
  const commands = await documentedCommands();
  for (const [line, [file, text]] of Object.entries(elsewhere)) {
    expect(commands).toContain(line);
    expect([line, (await readFile(projectFile(file), "utf8")).includes(text)]).toEqual([line, true]);
  }
});
