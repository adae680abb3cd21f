/** A child that runs until stopped and is started again with back-off when it dies. */
export interface Supervised {
  readonly pid: number | undefined;
  /** SIGHUP: read the configuration again. */
  reload(): void;
  /** Ends it and does not start it again. */
  stop(): Promise<void>;
}

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** A text in its command line that marks it as ours, so that a later run or `cleanup` finds it. */
  readonly marker: string;
  /** Each line it prints. */
  readonly onLine?: (line: string) => void;
  /** It ended by itself; it will be started again after `restartInMs`. */
  readonly onExit?: (how: string, restartInMs: number) => void;
}

export interface Processes {
  /** Ends whatever an earlier run left under the same marker, then starts. */
  supervise(spec: ProcessSpec): Promise<Supervised>;
  /** Process ids of our children, dead parents' too, whose command line holds `marker`. */
  find(marker: string): Promise<readonly number[]>;
  /** SIGTERM, then SIGKILL after a grace period; resolves when they are gone. */
  end(pids: readonly number[]): Promise<void>;
  /** Whether `command` is on the PATH. */
  has(command: string): Promise<boolean>;
}
