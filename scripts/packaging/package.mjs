// scripts/package: builds the artifacts of one version.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { inScratch, tarball } from "./archives.mjs";
import { debian, openWrt } from "./distributions.mjs";
import { put, root, stageProgram, version } from "./tree.mjs";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(root, "dist-packages") },
    arch: { type: "string", default: "x64,arm64" },
    runtime: { type: "string", multiple: true, default: ["none", "node", "bun-musl"] },
    only: { type: "string", multiple: true, default: ["archive", "deb", "ipk"] },
  },
});
const archs = values.arch.split(",");
for (const [given, known] of [
  [archs, ["x64", "arm64"]],
  [values.runtime, ["none", "node", "bun-musl"]],
  [values.only, ["archive", "deb", "ipk"]],
])
  for (const word of given)
    if (!known.includes(word)) {
      console.error(`package: ${JSON.stringify(word)} is unknown; there are ${known.join(", ")}`);
      process.exit(2);
    }

/** SOURCE_DATE_EPOCH, else the time of the last commit. */
function sourceDate() {
  if (process.env.SOURCE_DATE_EPOCH) return Number(process.env.SOURCE_DATE_EPOCH);
  try {
    return Number(execFileSync("git", ["-C", root, "log", "-1", "--format=%ct"], { encoding: "utf8" }));
  } catch {
    return 0;
  }
}
const epoch = sourceDate();
const out = resolve(values.out);
mkdirSync(out, { recursive: true });

/** The archive that install.sh installs from. */
function archive(name, options) {
  inScratch((scratch) => {
    const tree = join(scratch, name);
    stageProgram(join(tree, "lib"), options);
    for (const file of ["LICENSE", "README.md", "CHANGELOG.md"]) put(join(root, file), join(tree, file));
    for (const file of ["install.sh", "uninstall.sh"]) put(join(root, "deploy", file), join(tree, file));
    for (const system of ["linux", "openwrt"])
      put(join(root, "deploy", system, "files"), join(tree, "deploy", system));
    writeFileSync(join(tree, "VERSION"), `${version}\n`);
    writeFileSync(join(out, `${name}.tar.gz`), tarball(scratch, epoch, [name]));
  });
}

const wants = (kind) => values.only.includes(kind);
for (const runtime of values.runtime) {
  const builds =
    runtime === "none"
      ? [{ suffix: "", archs }]
      : archs.map((arch) => ({
          suffix: `-linux-${arch}-${runtime === "node" ? "glibc" : "musl"}`,
          archs: [arch],
          runtime,
        }));
  for (const { suffix, ...options } of builds) {
    if (wants("archive")) archive(`gateway-${version}${suffix}`, options);
    // OpenWrt has musl, Debian glibc.
    if (wants("deb") && runtime !== "bun-musl") debian(out, epoch, options);
    if (wants("ipk") && runtime !== "node") openWrt(out, epoch, options);
  }
}

rmSync(join(out, "SHA256SUMS"), { force: true });
const sums = readdirSync(out)
  .filter((name) => name.includes(version))
  .sort()
  .map((name) => {
    const octets = readFileSync(join(out, name));
    console.log(`${(octets.length / 1e6).toFixed(1).padStart(6)} MB  ${name}`);
    return `${createHash("sha256").update(octets).digest("hex")}  ${name}\n`;
  });
writeFileSync(join(out, "SHA256SUMS"), sums.join(""));
