import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function findRoot(from: string): string {
  if (existsSync(join(from, "package.json"))) return from;
  const above = dirname(from);
  if (above === from) throw new Error("the project's package.json is not above this program");
  return findRoot(above);
}

const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The absolute path of a file of the project, from the sources as from a bundle in dist/. */
export const projectFile = (path: string): string => join(root, path);
