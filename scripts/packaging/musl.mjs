// Libraries for programs that were built for musl, on a Debian system: it has musl's loader, but libstdc++ and libgcc_s for glibc only.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("glibc-for-musl.c", import.meta.url));
const machines = {
  x64: { machine: "x86_64", loader: "ld-linux-x86-64.so.2" },
  arm64: { machine: "aarch64", loader: "ld-linux-aarch64.so.1" },
};

/** This machine's own: musl and libstdc++ as Debian installs them. */
function ownTools() {
  const { machine, loader } = machines[process.arch];
  return {
    loader,
    compiler: ["musl-gcc"],
    gnu: `/usr/lib/${machine}-linux-gnu`,
    musl: `/usr/lib/${machine}-linux-musl`,
  };
}

/** arm64's on another machine: `muslRoot` has Debian's packages musl and musl-dev unpacked. */
export function crossTools(muslRoot) {
  const headers = join(muslRoot, "usr/include/aarch64-linux-musl");
  return {
    loader: machines.arm64.loader,
    compiler: ["aarch64-linux-gnu-gcc", "-nostdinc", "-isystem", headers],
    gnu: "/usr/aarch64-linux-gnu/lib",
    musl: join(muslRoot, "lib/aarch64-linux-musl"),
  };
}

/** Fills `directory`, which takes the place of the one that musl's loader searches. Errors: a compiler or a library is missing. */
export function makeMuslLibraries(directory, { loader, compiler, gnu, musl } = ownTools()) {
  mkdirSync(directory, { recursive: true });
  const at = (name) => join(directory, name);
  const [program, ...always] = compiler;
  const link = (name, to, ...inputs) =>
    execFileSync(
      program,
      [...always, "-shared", "-fPIC", "-O2", "-nostdlib", `-Wl,-soname,${name}`, "-o", to, ...inputs],
      { stdio: "inherit" },
    );
  const ofGlibc = "libstdc++-of-glibc.so.6";
  copyFileSync(join(gnu, "libstdc++.so.6"), at(ofGlibc));
  copyFileSync(join(gnu, "libgcc_s.so.1"), at("libgcc_s.so.1"));
  copyFileSync(join(musl, "libc.so"), at("libc.so"));
  link(loader, at(loader), source);
  // arm64's libstdc++ does not ask for glibc's loader: an empty one loads both. A library is linked under the name that it says it has.
  const nothing = ["-x", "c", "/dev/null", "-x", "none"];
  link(ofGlibc, at("stub.so"), ...nothing);
  link("libstdc++.so.6", at("libstdc++.so.6"), ...nothing, "-Wl,--no-as-needed", at(loader), at("stub.so"));
  rmSync(at("stub.so"));
}
