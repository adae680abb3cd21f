/** The .deb, and a root that has dpkg. */
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../exec.ts";
import { projectFile } from "../paths.ts";
import type { Root } from "../root.ts";
import type { Lab } from "../topology.ts";
import { packageRuntime } from "./install.ts";

/** What dpkg itself runs, and of Debian's coreutils what the package's scripts do. */
export const dpkgPrograms =
  "dpkg dpkg-deb dpkg-query dpkg-split ldconfig start-stop-daemon diff timeout".split(" ");

/** As dpkg has it of packages whose programs the root was given. */
const installed = (name: string): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nVersion: 99\nDescription: there\n\n`;

/** Packages bring documentation: that directory is the root's own, no link to this machine's. */
export async function ownDocumentation(root: Root): Promise<void> {
  await rm(join(root.directory, "usr/share/doc"), { force: true });
  await root.write("usr/share/doc/.keep", "");
}

/** A dpkg database that knows these packages. */
export async function writeDpkgDatabase(root: Root, packages: readonly string[]): Promise<void> {
  for (const folder of ["info", "updates", "triggers", "parts"])
    await root.write(`var/lib/dpkg/${folder}/.keep`, "");
  await root.write("var/lib/dpkg/status", packages.map(installed).join(""));
  await root.write("var/lib/dpkg/available", "");
  for (const name of packages) await root.write(`var/lib/dpkg/info/${name}.list`, "");
}

/** Builds the package; gives its path in the root. */
export async function buildPackage(lab: Lab, root: Root): Promise<string> {
  const out = join(lab.directory, "packages");
  const options = ["--out", out, "--runtime", packageRuntime, "--arch", process.arch, "--only", "deb"];
  await run([projectFile("scripts/package"), ...options], { timeoutMs: 60_000 });
  const [name = ""] = (await readdir(out)).filter((file) => file.endsWith(".deb"));
  await cp(join(out, name), join(root.directory, "opt", name));
  return `/opt/${name}`;
}

/** The same package with a later version; gives its path in the root. @param change what its bundle is instead */
export async function laterPackage(
  lab: Lab,
  root: Root,
  path: string,
  version: string,
  change: (bundle: string) => string = (bundle) => bundle,
): Promise<string> {
  const tree = join(lab.directory, `deb-${version}`);
  await run(["dpkg-deb", "-R", join(root.directory, path), tree]);
  const control = join(tree, "DEBIAN/control");
  const text = await readFile(control, "utf8");
  await writeFile(control, text.replace(/^Version: .*$/m, `Version: ${version}`));
  const bundle = join(tree, "usr/lib/ipv4-ipv6-gateway/gateway.js");
  await writeFile(bundle, change(await readFile(bundle, "utf8")));
  const later = `/opt/later_${version}.deb`;
  await run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, join(root.directory, later)]);
  return later;
}
