// arm64 builds on other machines: their runtime under qemu's user mode, in which the programs that it starts (ip, nft) are this machine's own.
import { cpSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { debianParts } from "./debian-parts.mjs";
import { crossTools, makeMuslLibraries } from "./musl.mjs";

/** A directory with Debian's musl for arm64, and with what Bun wants beside it, below `directory`. */
function muslRoot(directory) {
  const packages = debianParts("arm64", ["musl", "musl-dev"]);
  const root = join(directory, "root");
  cpSync(packages, root, { recursive: true, verbatimSymlinks: true });
  makeMuslLibraries(join(root, "lib/aarch64-linux-musl"), crossTools(packages));
  return root;
}

/** Puts the emulator before the runtime of an unpacked archive (its `lib`), so that the starter beside it runs here. */
export function emulate(lib, { libc, program, directory }) {
  // Where Debian's libc6-arm64-cross and its like are.
  const root = libc === "musl" ? muslRoot(directory) : "/usr/aarch64-linux-gnu";
  const runtime = join(lib, "runtime", program);
  renameSync(runtime, `${runtime}-arm64`);
  const command = `exec qemu-aarch64-static -L '${root}' '${runtime}-arm64' "$@"`;
  writeFileSync(runtime, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
}
