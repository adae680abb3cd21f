// Libraries for programs that were built for musl, on a Debian system: it has musl's loader, but libstdc++ and libgcc_s for glibc only.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("glibc-for-musl.c", import.meta.url));
const systems = {
  x64: { machine: "x86_64", loader: "ld-linux-x86-64.so.2" },
  arm64: { machine: "aarch64", loader: "ld-linux-aarch64.so.1" },
};

/** Fills `directory`, which takes the place of the one that musl's loader searches. Errors: musl-gcc or a library is missing. */
export function makeMuslLibraries(directory) {
  const { machine, loader } = systems[process.arch];
  mkdirSync(directory, { recursive: true });
  for (const [system, name] of [
    ["gnu", "libstdc++.so.6"],
    ["gnu", "libgcc_s.so.1"],
    ["musl", "libc.so"],
  ])
    copyFileSync(`/usr/lib/${machine}-linux-${system}/${name}`, join(directory, name));
  const options = ["-shared", "-fPIC", "-O2", `-Wl,-soname,${loader}`];
  execFileSync("musl-gcc", [...options, "-o", join(directory, loader), source], { stdio: "inherit" });
}
