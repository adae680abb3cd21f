/** The dashboard's files, which lie in a folder beside the bundled program; read once. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface WebFile {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  /** Its name changes with its content. */
  readonly lasting: boolean;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The program may be one of several chunks in a folder of their own. */
const places = ["./web/", "../web/"];

/**
 * By path, the page itself as `/`.
 * @param program URL of the module that asks
 * Errors: the files are at none of the places
 */
export async function readWebFiles(program: string): Promise<ReadonlyMap<string, WebFile>> {
  const folders = places.map((place) => fileURLToPath(new URL(place, program)));
  for (const folder of folders) {
    const names: readonly string[] = await readdir(folder).catch(() => []);
    if (names.includes("index.html")) return readFolder(folder, names);
  }
  throw new Error(`there is no index.html in ${folders.join(" or ")}`);
}

async function readFolder(folder: string, names: readonly string[]): Promise<ReadonlyMap<string, WebFile>> {
  const wanted = names.filter((name) => types[extname(name)] !== undefined);
  return new Map(
    await Promise.all(
      wanted.map(async (name) => {
        const path = name === "index.html" ? "/" : `/web/${name}`;
        return [path, await readOne(join(folder, name))] as const;
      }),
    ),
  );
}

async function readOne(file: string): Promise<WebFile> {
  const [bytes, gzipped] = await Promise.all([readFile(file), readFile(`${file}.gz`)]);
  return {
    type: types[extname(file)] ?? "",
    etag: `"${createHash("sha256").update(bytes).digest("hex").slice(0, 20)}"`,
    bytes: new Uint8Array(bytes),
    gzipped: new Uint8Array(gzipped),
    lasting: !file.endsWith("index.html"),
  };
}
