// Bundles the dashboard into dist/web/: index.html, and under names with a hash of their content app-*.js, what that loads later, early-*.js, app-*.css and
// icon-*.svg; each also as .gz.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 10);

/** Names as the page has them, and as they are: with a hash of their content. What is loaded later has only the second. */
async function bundle(root, entryPoints, options) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: "dist/web",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    write: false,
    metafile: true,
    bundle: true,
    platform: "browser",
    target: ["es2022", "chrome123", "firefox124", "safari17.5"],
    minify: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "warning",
    ...options,
  });
  return outputFiles.map(({ path, contents }) => {
    const { entryPoint } = metafile.outputs[relative(root, path)];
    const name = entryPoint === undefined ? undefined : basename(entryPoint).replace(/\.tsx?$/, ".js");
    return { name, hashed: basename(path), bytes: Buffer.from(contents) };
  });
}

async function icon(root) {
  const bytes = await readFile(join(root, "src/web/icon.svg"));
  return { name: "icon.svg", hashed: `icon-${hashOf(bytes)}.svg`, bytes };
}

/** Writes the dashboard of the project in `root` into a directory; gives the names of its files. */
export async function buildWeb(root, directory = join(root, "dist/web")) {
  const assets = [
    ...(await bundle(root, ["src/web/app.tsx", "src/web/app.css"], { format: "esm", splitting: true })),
    ...(await bundle(root, ["src/web/early.ts"], { format: "iife" })),
    await icon(root),
  ];
  let page = await readFile(join(root, "src/web/page.html"), "utf8");
  const files = new Map();
  for (const { name, hashed, bytes } of assets) {
    files.set(hashed, bytes);
    page = page.replaceAll(`{{${name}}}`, `/web/${hashed}`);
  }
  files.set("index.html", Buffer.from(page));
  await mkdir(directory, { recursive: true });
  for (const [name, bytes] of files) {
    await writeFile(join(directory, name), bytes);
    await writeFile(join(directory, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
  // What an earlier build left goes last: there is a whole dashboard at any time.
  for (const name of await readdir(directory))
    if (!files.has(name.replace(/\.gz$/, ""))) await rm(join(directory, name));
  return [...files.keys()];
}
