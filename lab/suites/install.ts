/** The archive that is installed from, and systems to install on. */
import { createHash } from "node:crypto";
import { cp, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { run } from "../exec.ts";
import type { GatewayDevice } from "../gateway.ts";
import { projectFile } from "../paths.ts";
import { Root, type RootOptions } from "../root.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";

/** The runtime that `LAB_GATEWAY`'s archive and the Debian package bring (`LAB_PACKAGE_RUNTIME=node`); with none the systems have Node.js. */
export const packageRuntime = process.env.LAB_PACKAGE_RUNTIME ?? "none";

const programs = ["ip", "nft", "dnsmasq", "haproxy"];
/** What a package without a runtime runs. */
export const needsWithNode = [...programs, "node"];
/** What the gateway runs: with a runtime of its own it must not find another. */
export const needs = packageRuntime === "none" ? needsWithNode : programs;

/** Puts the unpacked archive under test into the root's /tmp; gives its directory there. */
export async function unpackArchive(lab: Lab, root: Root): Promise<string> {
  if (packageRuntime === "none") return unpackSmallArchive(lab, root);
  const tree = join(dirname(process.env.LAB_GATEWAY ?? ""), "..");
  const to = `/tmp/${basename(tree)}`;
  await cp(tree, join(root.directory, to), { recursive: true });
  return to;
}

/** Builds the archive without a runtime for this machine, and unpacks it there. */
export async function unpackSmallArchive(lab: Lab, root: Root): Promise<string> {
  const out = join(lab.directory, "packages");
  await run(
    [
      projectFile("scripts/package"),
      "--out",
      out,
      "--runtime",
      "none",
      "--arch",
      process.arch,
      "--only",
      "archive",
    ],
    { timeoutMs: 60_000, env: { SOURCE_DATE_EPOCH: "1700000000" } },
  );
  const [archive = ""] = (await readdir(out)).filter((name) => name.endsWith(".tar.gz"));
  await run(["tar", "-xzf", join(out, archive), "-C", join(root.directory, "tmp")]);
  return `/tmp/${archive.replace(".tar.gz", "")}`;
}

export async function createRoot(lab: Lab, options: RootOptions): Promise<Root> {
  return Root.create(join(lab.directory, "root"), lab.gateway.namespace, options);
}

/** A copy of the archive that calls itself `version`; `change` gets its bundle's text. */
export async function nextVersion(
  root: Root,
  archive: string,
  version: string,
  change: (bundle: string) => string = (bundle) => bundle,
): Promise<string> {
  const copy = `/tmp/gateway-${version}`;
  const at = (path: string): string => join(root.directory, copy, path);
  await cp(join(root.directory, archive), join(root.directory, copy), { recursive: true });
  await writeFile(at("VERSION"), `${version}\n`);
  await rename(at("lib/gateway.js"), at("lib/real.js"));
  await writeFile(at("lib/gateway.js"), change('#!/usr/bin/env node\nawait import("./real.js");\n'));
  const names = ["gateway", "gateway.js", "real.js", "packet-reader.js"];
  const sums = await Promise.all(
    names.map(async (name) => {
      const octets = await readFile(at(`lib/${name}`));
      return `${createHash("sha256").update(octets).digest("hex")}  ${name}\n`;
    }),
  );
  await writeFile(at("lib/SHA256SUMS"), sums.join(""));
  return copy;
}

/** What the installed gateway says of its devices. */
export async function installedDevices(root: Root): Promise<readonly GatewayDevice[]> {
  const { code, stdout, stderr } = await root.run(["gateway-devices-direct", "--json"]);
  if (code !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { readonly devices: readonly GatewayDevice[] }).devices;
}

export async function activeDevice(root: Root, mac: string): Promise<string> {
  const probe = async (): Promise<string | undefined> => {
    const device = (await installedDevices(root)).find((d) => d.mac_address === mac);
    return device?.status === "active" ? (device.ipv4_wan_address ?? undefined) : undefined;
  };
  return waitFor(`${mac} is active`, probe, { timeoutMs: 40_000, everyMs: 500 });
}

/** Configuration, what the daemon remembers, and its log: all that an uninstallation keeps, and a running daemon writes. */
const kept = /^(etc\/ipv4-ipv6-gateway\/|var\/log\/ipv4-ipv6-gateway\.log)/;

/** A tree without what a running daemon may write meanwhile. */
export const settled = (tree: readonly string[]): readonly string[] =>
  tree.filter((line) => !kept.test(line));

/** Lines of one listing that the other has not, with their sign. */
export const changedLines = (before: readonly string[], after: readonly string[]): readonly string[] => [
  ...before.filter((line) => !after.includes(line)).map((line) => `- ${line.slice(0, 200)}`),
  ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line.slice(0, 200)}`),
];
