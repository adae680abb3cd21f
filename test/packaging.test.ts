import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { aliasArguments } from "../src/cli/program.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "gateway-packaging-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const files = (directory: string): string[] =>
  readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

const isScript = (path: string): boolean => readFileSync(path, "latin1").startsWith("#!/bin/sh");

test("every shell script parses in ash, and shellcheck has nothing to say", () => {
  const scripts = files("deploy").filter(isScript);
  expect(scripts.length).toBeGreaterThan(8);
  for (const script of scripts) execFileSync("busybox", ["ash", "-n", script]);
  // `local` is OpenWrt's way in its init scripts, and rc.common uses what looks unused.
  const plain = scripts.filter((path) => !path.includes("/init.d/"));
  execFileSync("shellcheck", ["--shell=sh", ...plain], { stdio: "pipe" });
  const init = scripts.filter((path) => path.includes("/init.d/"));
  execFileSync("shellcheck", ["--shell=dash", "--exclude=SC2034", ...init], { stdio: "pipe" });
});

test("OpenWrt's build runs the maintainer scripts of the .ipk, and asks for Node.js where no runtime is brought", () => {
  const makefile = readFileSync(join(root, "deploy/openwrt/Makefile"), "utf8");
  const defined = [
    ...makefile.matchAll(/^define Package\/ipv4-ipv6-gateway\/(pre\w+|post\w+)\n([\s\S]*?)^endef$/gm),
  ];
  const shipped = readdirSync(join(root, "deploy/openwrt/ipk"));
  expect(defined.map(([, name]) => name).sort()).toEqual([...shipped].sort());
  for (const [, name = "", text = ""] of defined)
    expect(text.replaceAll("$$", "$")).toBe(readFileSync(join(root, "deploy/openwrt/ipk", name), "utf8"));
  expect(expandedDepends(makefile, "bun")).toMatch(/ \+libstdcpp \+libgcc( |$)/);
  expect(expandedDepends(makefile, "bun")).not.toMatch(/\+node( |$)/);
  expect(expandedDepends(makefile, undefined)).toMatch(/ \+node( |$)/);
});

/** DEPENDS as make understands it, where the archive in src/ brings this runtime. */
function expandedDepends(makefile: string, runtime: string | undefined): string {
  const feed = mkdtempSync(join(scratch, "feed-"));
  if (runtime !== undefined) {
    mkdirSync(join(feed, "src/lib/runtime"), { recursive: true });
    writeFileSync(join(feed, "src/lib/runtime", runtime), "");
  }
  const only = /^ {2}DEPENDS:=(?:.*\\\n)*.*$/m.exec(makefile)?.[0].trimStart();
  writeFileSync(join(feed, "Makefile"), `${only}\nall:\n\t@echo '$(DEPENDS)'\n`);
  return execFileSync("make", ["-s", "-C", feed], { encoding: "utf8" }).trim();
}

test("the starter and the program agree on what the aliases stand for", () => {
  const starter = readFileSync(join(root, "deploy/gateway"), "utf8");
  const lines = [...starter.matchAll(/^(\S+)\) set -- (.*) "\$@" ;;$/gm)];
  const known = lines.filter(([, name = ""]) => aliasArguments(name).length > 0);
  expect(known.length).toBeGreaterThanOrEqual(5);
  for (const [, name = "", words] of known)
    expect(`${name}: ${words}`).toBe(`${name}: ${aliasArguments(name).join(" ")}`);
});

test("two builds are equal, and hold what is needed and nothing of the tests", { timeout: 120_000 }, () => {
  const [first = "", second = ""] = ["one", "two"].map((name) => {
    const out = join(scratch, name);
    const options = ["--out", out, "--runtime", "none", "--arch", process.arch];
    execFileSync(join(root, "scripts/package"), options, {
      env: { ...process.env, SOURCE_DATE_EPOCH: "1700000000" },
    });
    return readFileSync(join(out, "SHA256SUMS"), "utf8");
  });
  expect(first.trim().split("\n")).toHaveLength(3);
  expect(second).toBe(first);
  const archive = readdirSync(join(scratch, "one")).find((name) => name.endsWith(".tar.gz")) ?? "";
  const names = execFileSync("tar", ["-tzf", join(scratch, "one", archive)], { encoding: "utf8" })
    .split("\n")
    .map((name) => name.replace(/^[^/]*\//, ""));
  for (const name of [
    "install.sh",
    "lib/gateway",
    "lib/gateway.js",
    "lib/packet-reader.js",
    "lib/SHA256SUMS",
  ])
    expect(names).toContain(name);
  expect(names.filter((name) => /lab|bench|\.test\.|\.map$|\.cc$/.test(name))).toEqual([]);
});

/** Devices that systemd leaves to every service (systemd.resource-control(5), DevicePolicy=closed). */
const always = ["null", "zero", "full", "random", "urandom", "tty"];

test("the unit allows the devices that the program and what it starts open, and no others", () => {
  const sources = files("src").filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
  const text = sources.map((path) => readFileSync(path, "utf8")).join("\n");
  const named = [...text.matchAll(/["'`\s]\/dev\/([a-z/]+)/g)].map(([, name = ""]) => name);
  // `ip tuntap` and tayga open this one.
  const needed = text.includes("tuntap") && text.includes('command: "tayga"') ? ["net/tun"] : [];
  const shipped = join(root, "deploy/linux/files/usr/lib");
  const unit = readFileSync(join(shipped, "systemd/system/ipv4-ipv6-gateway.service"), "utf8");
  const allowed = [...unit.matchAll(/^DeviceAllow=\/dev\/(\S+) rw$/gm)].map(([, name = ""]) => name);
  expect(sources.length).toBeGreaterThan(200);
  expect(unit).toContain("\nDevicePolicy=closed\n");
  expect(allowed).toEqual([...new Set([...needed, ...named.filter((name) => !always.includes(name))])]);
  // Its device file is there before the unit is started.
  const modules = readFileSync(join(shipped, "modules-load.d/ipv4-ipv6-gateway.conf"), "utf8");
  expect(modules.split("\n")).toContain("tun");
});
