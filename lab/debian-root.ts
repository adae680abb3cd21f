/** Debian as debootstrap makes it (scripts/debian-root), for as long as a scenario lasts. */
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./exec.ts";
import type { Namespace } from "./netns.ts";
import { projectFile } from "./paths.ts";
import { Root } from "./root.ts";

export type DebianKind = "plain" | "systemd";

/**
 * A copy whose writes stay in the sandbox (overlayfs). `remove` is called before the laboratory goes. Errors: nobody has made the roots, or the
 * kernel has no overlayfs for user namespaces (it has since Linux 5.11; on a tmpfs since 6.6).
 */
export async function copyDebian(
  kind: DebianKind,
  namespace: Namespace,
): Promise<{ root: Root; remove(): Promise<void> }> {
  const { stdout } = await run([projectFile("scripts/debian-root"), "--find"]);
  const place = await mkdtemp(join(tmpdir(), `debian-${kind}-`));
  const at = (name: string): string => join(place, name);
  for (const name of ["upper", "work", "root"]) await mkdir(at(name));
  const layers = `lowerdir=${join(stdout.trim(), kind)},upperdir=${at("upper")},workdir=${at("work")}`;
  await run(["mount", "-t", "overlay", "-o", `${layers},userxattr`, "overlay", at("root")]);
  return {
    root: Root.at(at("root"), namespace),
    async remove() {
      await run(["umount", at("root")]);
      await run(["rm", "-rf", place]);
    },
  };
}
