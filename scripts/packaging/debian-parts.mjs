// Parts that Debian has for other machines than this one: fetched once by apt, which checks their signatures, kept below node_modules/.cache. apt
// works on lists of its own, so that the system knows no further machine afterwards.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../../node_modules/.cache/packaging", import.meta.url));

/** The directory with the unpacked packages `names` for Debian's machine `arch`. Errors: they cannot be had. */
export function debianParts(arch, names) {
  const directory = join(cache, `debian-${arch}-${names.join("+")}`);
  if (existsSync(directory)) return directory;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, "new-"));
  try {
    console.log(`fetching ${names.join(", ")} for ${arch} from Debian`);
    const [unpacked, packages] = [join(work, "root"), join(work, "packages")];
    for (const each of ["lists/partial", "archives/partial", "packages", "root"])
      mkdirSync(join(work, each), { recursive: true });
    const options = [
      ["-qq"],
      ["-o", `Dir::State::Lists=${work}/lists`],
      ["-o", `Dir::Cache=${work}`],
      ["-o", `APT::Architecture=${arch}`],
      ["-o", `APT::Architectures=${arch}`],
      // The user _apt may not write here.
      ["-o", "APT::Sandbox::User=root"],
      ["-o", "Acquire::Languages=none"],
    ].flat();
    const apt = (...words) =>
      execFileSync("apt-get", [...options, ...words], {
        cwd: packages,
        stdio: ["ignore", "ignore", "inherit"],
      });
    apt("update");
    apt("download", ...names);
    for (const file of readdirSync(packages))
      execFileSync("dpkg-deb", ["-x", join(packages, file), unpacked]);
    renameSync(unpacked, directory);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return directory;
}
