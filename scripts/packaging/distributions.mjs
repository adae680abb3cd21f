// Packages of the distributions: the trees of the archive, with the control files of dpkg and opkg.
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { buildDeb, buildIpk, bytesIn, inScratch, read, writeText } from "./archives.mjs";
import { description, linkCommands, programDirectory, put, root, stageProgram, version } from "./tree.mjs";

const name = "ipv4-ipv6-gateway";
const field = (key, value) => (value ? `${key}: ${value}\n` : "");
/** Lines of depends.txt; `kind` are those that begin with it, as `suggests: tayga`. */
const depends = (system, kind = "") =>
  read(join(root, `deploy/${system}/depends.txt`))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => /^(?:([a-z]+): )?(.*)$/.exec(line))
    .filter(([, of = ""]) => of === kind)
    .map(([, , name]) => name);

/** One for all machines that needs Node.js 20, or one for a machine with its runtime. */
export function debian(out, epoch, { archs, runtime }) {
  inScratch((tree) => {
    stageProgram(join(tree, programDirectory), { archs, runtime });
    linkCommands(tree);
    put(join(root, "deploy/linux/files"), tree);
    const docs = join(tree, "usr/share/doc", name);
    put(join(root, "LICENSE"), join(docs, "copyright"));
    put(join(root, "README.md"), join(docs, "README.md"));
    const arch = runtime ? { x64: "amd64", arm64: "arm64" }[archs[0]] : "all";
    const needs = [
      ...(runtime ? ["libc6 (>= 2.28)", "libstdc++6"] : ["nodejs (>= 20)"]),
      ...depends("linux"),
    ];
    writeText(
      tree,
      "DEBIAN/control",
      field("Package", name) +
        field("Version", version) +
        field("Architecture", arch) +
        field("Maintainer", "The ipv4-ipv6-gateway authors <nobody@example.org>") +
        field("Installed-Size", String(Math.ceil(bytesIn(tree) / 1024))) +
        field("Depends", needs.join(", ")) +
        field("Recommends", "haproxy (>= 2.6) | socat") +
        field("Suggests", "tayga") +
        field("Section", "net") +
        field("Priority", "optional") +
        field("Description", description),
    );
    for (const script of ["preinst", "postinst", "prerm", "postrm"]) {
      put(join(root, "deploy/linux/debian", script), join(tree, "DEBIAN", script));
      chmodSync(join(tree, "DEBIAN", script), 0o755);
    }
    buildDeb(tree, join(out, `${name}_${version}_${arch}.deb`), epoch);
  });
}

const openWrtArch = { x64: "x86_64", arm64: "aarch64_generic" };

/** For opkg, up to 24.10; from 25.12 on apk reads another format, and the archive installs there. */
export function openWrt(out, epoch, { archs, runtime }) {
  inScratch((scratch) => {
    const [control, data] = [join(scratch, "control"), join(scratch, "data")];
    stageProgram(join(data, programDirectory), { archs, runtime });
    linkCommands(data);
    put(join(root, "deploy/openwrt/files"), data);
    const arch = runtime ? openWrtArch[archs[0]] : "all";
    const needs = [...(runtime ? ["libstdcpp6", "libgcc1"] : ["node"]), ...depends("openwrt")];
    writeText(
      control,
      "control",
      field("Package", name) +
        field("Version", `${version}-r1`) +
        field("Depends", `libc, ${needs.join(", ")}`) +
        field("Recommends", depends("openwrt", "recommends").join(", ")) +
        field("Suggests", depends("openwrt", "suggests").join(", ")) +
        field("Section", "net") +
        field("Architecture", arch) +
        field("Installed-Size", String(bytesIn(data))) +
        field("Description", description),
    );
    writeText(control, "conffiles", `/etc/config/${name}\n`);
    for (const script of ["preinst", "postinst", "prerm"])
      put(join(root, "deploy/openwrt/ipk", script), join(control, script));
    buildIpk(control, data, join(out, `${name}_${version}-r1_${arch}.ipk`), epoch);
  });
}
