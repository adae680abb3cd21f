/** Files that nobody else has had open. */
import { open, rm } from "node:fs/promises";

/**
 * Writes a new file, readable by its owner alone, and waits until the disk has it. What had the name before is removed, not written to: it
 * could be a link to elsewhere, or a file that somebody else may read.
 * Errors: as of open and write.
 */
export async function writeFresh(path: string, text: string | Uint8Array): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
