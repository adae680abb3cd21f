/** Durable text, kept whole: temp file, fsync, rename, rotating backups. */
export interface DurableText {
  /**
   * The newest readable version that `accept` takes. A version it refuses (by returning why not) is set aside under another
   * name and the next backup is tried; `problems` says so in full sentences. `text` is undefined when there is none.
   */
  load(
    accept: (text: string) => string | undefined,
  ): Promise<{ readonly text: string | undefined; readonly problems: readonly string[] }>;
  /** Bytes are UTF-8. Errors: GatewayError "state-write-failed"; the old version stays. */
  save(text: string | Uint8Array): Promise<void>;
}

/** Plain files of our own runtime directory. */
export interface Files {
  read(path: string): Promise<string | undefined>;
  /** Bytes are UTF-8. */
  write(path: string, text: string | Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  /** Calls back after changes to the file, also when it does not exist yet; coalesced. */
  watch(path: string, onChange: () => void): () => void;
}
