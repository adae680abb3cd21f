/** The directory of what lives as long as the machine runs: sockets, and the file by which commands find the daemon. */
import { GatewayError, messageOf } from "../base/errors.ts";
import type { Log } from "../ports/log.ts";
import { isReadOnly, systemFiles } from "./files.ts";

/** Makes it. Errors: GatewayError "runtime-unusable", before anything else is changed. */
export async function prepareRuntimeDirectory(path: string): Promise<void> {
  const unusable = (why: string): GatewayError =>
    new GatewayError(
      "runtime-unusable",
      "operator",
      `the directory ${path} cannot be used: ${why}`,
      "mend that, or set state.runtime_directory to another one",
    );
  try {
    await systemFiles.makeDirectory(path);
  } catch (thrown) {
    throw unusable(messageOf(thrown));
  }
  if (await isReadOnly(path)) throw unusable("its file system is read-only");
}

/** Writes the file that names the daemon, or removes it (`text` undefined); a failure is told and harms nothing. */
export async function putPidFile(path: string, text: string | undefined, log: Log): Promise<void> {
  try {
    await (text === undefined ? systemFiles.remove(path) : systemFiles.write(path, text));
  } catch (thrown) {
    log.warn(`status cannot know whether the gateway runs: ${messageOf(thrown)}`);
  }
}
