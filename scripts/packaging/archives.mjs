// Archives that depend on their contents alone: sorted, one owner, one time.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { settle } from "./tree.mjs";

/** Runs `task` with a new directory that is removed afterwards. */
export function inScratch(task) {
  const directory = mkdtempSync(join(tmpdir(), "gateway-package-"));
  try {
    return task(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The octets of a gzipped tar of `names` (default: all) in `directory`. */
export function tarball(directory, epoch, names = ["."]) {
  settle(directory, epoch);
  const options = [
    "--format=gnu",
    "--sort=name",
    `--mtime=@${epoch}`,
    "--owner=0",
    "--group=0",
    "--numeric-owner",
  ];
  const tar = execFileSync("tar", ["-c", ...options, "-C", directory, ...names], { maxBuffer: 2 ** 31 });
  return gzipSync(tar, { level: 9 });
}

/** A file of text below `directory`; programs say so by their first line. */
export function writeText(directory, path, text) {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

export function bytesIn(directory) {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) bytes += bytesIn(path);
    else if (entry.isFile()) bytes += statSync(path).size;
  }
  return bytes;
}

/** A Debian package from a tree that has DEBIAN/control. */
export function buildDeb(tree, out, epoch) {
  settle(tree, epoch);
  execFileSync("dpkg-deb", ["--root-owner-group", "-Zgzip", "--build", tree, out], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** An opkg package: `control` and `data` are directories. */
export function buildIpk(control, data, out, epoch) {
  inScratch((outer) => {
    writeFileSync(join(outer, "debian-binary"), "2.0\n");
    writeFileSync(join(outer, "control.tar.gz"), tarball(control, epoch));
    writeFileSync(join(outer, "data.tar.gz"), tarball(data, epoch));
    const parts = ["./debian-binary", "./data.tar.gz", "./control.tar.gz"];
    writeFileSync(out, tarball(outer, epoch, parts));
  });
}

export const read = (path) => readFileSync(path, "utf8");
