// Parts that npm has for other machines than this one: fetched once, checked against their sums, kept below node_modules/.cache.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(root, "node_modules/.cache/packaging");
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/** Version and sum of a package, from package-lock.json or, for the runtimes, from runtimes.json beside this file. */
export function pinned(name) {
  const { packages } = readJson(join(root, "package-lock.json"));
  const runtimes = readJson(fileURLToPath(new URL("runtimes.json", import.meta.url)));
  const found = packages[`node_modules/${name}`] ?? runtimes[name];
  if (found === undefined) throw new Error(`${name} is neither in package-lock.json nor in runtimes.json`);
  return found;
}

/** The directory with the unpacked package. Errors: it cannot be had, or it is not the one that was pinned. */
export function npmPart(name) {
  const { version, integrity } = pinned(name);
  const installed = join(root, "node_modules", name);
  if (existsSync(join(installed, "package.json"))) {
    if (readJson(join(installed, "package.json")).version === version) return installed;
  }
  const directory = join(cache, `${name.replace("/", "+")}-${version}`);
  if (!existsSync(directory)) download(name, version, integrity, directory);
  return directory;
}

function download(name, version, integrity, directory) {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, "new-"));
  try {
    console.log(`fetching ${name} ${version} from npm`);
    execFileSync("npm", ["pack", "--silent", "--pack-destination", work, `${name}@${version}`], {
      cwd: work,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [file = ""] = readdirSync(work);
    const sum = createHash("sha512")
      .update(readFileSync(join(work, file)))
      .digest("base64");
    if (`sha512-${sum}` !== integrity)
      throw new Error(`${name} ${version}: its sum is sha512-${sum}, and ${integrity} was pinned`);
    mkdirSync(join(work, "package"), { recursive: true });
    execFileSync("tar", ["-xzf", join(work, file), "-C", work, "--no-same-owner"]);
    renameSync(join(work, "package"), directory);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
