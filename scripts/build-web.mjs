// Bundles the dashboard into dist/web/: index.html, and under names with a hash of their content app-*.js, app-*.css, icon-*.svg; each also as .gz.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 10);

async function bundle(root) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["src/web/app.tsx", "src/web/app.css"],
    outdir: "dist/web",
    write: false,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    minify: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "warning",
  });
  return outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]);
}

/** Writes the dashboard of the project in `root` into a directory; gives the names of its files. */
export async function buildWeb(root, directory = join(root, "dist/web")) {
  const assets = [...(await bundle(root)), ["icon.svg", await readFile(join(root, "src/web/icon.svg"))]];
  let page = await readFile(join(root, "src/web/page.html"), "utf8");
  const files = new Map();
  for (const [name, bytes] of assets) {
    const end = extname(name);
    const hashed = `${basename(name, end)}-${hashOf(bytes)}${end}`;
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
