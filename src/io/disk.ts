/** Room and rights on file systems. */
import { access, constants, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { isReadOnly } from "./files.ts";

export interface Disk {
  /** Bytes that we may still use. */
  readonly free: number;
  readonly isReadOnly: boolean;
  /** Whether we have the right to write there. */
  readonly isWritable: boolean;
}

/** Of the file system at `path`, or of the nearest directory above that is there. */
export async function diskAt(path: string): Promise<Disk> {
  try {
    const { bavail, bsize } = await statfs(path);
    const isWritable = await access(path, constants.W_OK).then(
      () => true,
      () => false,
    );
    return { free: bavail * bsize, isReadOnly: await isReadOnly(path), isWritable };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (!isMissing || path === dirname(path)) throw error;
    return diskAt(dirname(path));
  }
}
