/** The .ipk, and one whose program does not run. */
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../exec.ts";
import { projectFile } from "../paths.ts";
import type { Root } from "../root.ts";
import type { Lab } from "../topology.ts";

/** Builds the package for systems with Node.js; gives its path in the root. */
export async function buildIpk(lab: Lab, root: Root): Promise<string> {
  const out = join(lab.directory, "packages");
  const options = ["--out", out, "--runtime", "none", "--arch", process.arch, "--only", "ipk"];
  await run([projectFile("scripts/package"), ...options], { timeoutMs: 60_000 });
  const [name = ""] = (await readdir(out)).filter((file) => file.endsWith(".ipk"));
  await cp(join(out, name), join(root.directory, "tmp", name));
  return `/tmp/${name}`;
}

/** The same, whose daemon ends at once; gives its path in the root. */
export async function brokenIpk(lab: Lab, root: Root, ipk: string): Promise<string> {
  const outer = join(lab.directory, "broken-ipk");
  const data = join(outer, "data");
  await mkdir(data, { recursive: true });
  await run(["tar", "-xzf", join(root.directory, ipk), "-C", outer]);
  await run(["tar", "-xzf", join(outer, "data.tar.gz"), "-C", data]);
  const bundle = join(data, "usr/lib/ipv4-ipv6-gateway/gateway.js");
  const text = await readFile(bundle, "utf8");
  await writeFile(bundle, text.replace("\n", '\nif (process.argv.includes("run")) process.exit(1);\n'));
  await run(["tar", "-czf", join(outer, "data.tar.gz"), "-C", data, "."]);
  const parts = ["./debian-binary", "./data.tar.gz", "./control.tar.gz"];
  await run(["tar", "-czf", join(root.directory, "tmp/broken.ipk"), "-C", outer, ...parts]);
  return "/tmp/broken.ipk";
}
