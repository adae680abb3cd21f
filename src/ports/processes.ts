/** A child that runs until stopped and is started again with back-off when it dies. */
export interface Supervised {
  readonly pid: number | undefined;
  /** SIGHUP: read the configuration again. */
  reload(): void;
  /** Ends it and does not start it again. */
  stop(): Promise<void>;
  /** Lets it run on when we end; nobody hears it or starts it again any more. A later run finds it by its marker. */
  leave(): void;
}

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /**
   * An argument of it that marks it as ours, so that a later run or `cleanup` finds it, and ends it first. Absent: whoever starts it has
   * seen to that.
   */
  readonly marker?: string;
  /** Each line it prints. */
  readonly onLine?: (line: string) => void;
  /** It ended by itself; it will be started again after `restartInMs`. */
  readonly onExit?: (how: string, restartInMs: number) => void;
  /** It runs, and has not ended soon after its start, as what cannot do its work does. */
  readonly onSettled?: () => void;
}

export interface Outcome {
  /** 0 is success; a process ended by a signal counts as 128. */
  readonly code: number;
  /** All that it printed, complaints included. */
  readonly output: string;
}

/** A program that waits for TCP connections. */
export interface Listener {
  /** Text of either family; `0.0.0.0` and `::` are all addresses. */
  readonly address: string;
  readonly port: number;
  /** Unknown when its owner may not be looked at. */
  readonly pid: number | undefined;
  readonly program: string | undefined;
}

export interface Processes {
  /** Ends whatever an earlier run left under the same marker, then starts. */
  supervise(spec: ProcessSpec): Promise<Supervised>;
  /** Process ids of our children, dead parents' too, whose command line holds `marker`. */
  find(marker: string): Promise<readonly number[]>;
  /** SIGTERM, then SIGKILL after a grace period; resolves when they are gone. */
  end(pids: readonly number[]): Promise<void>;
  /**
   * Runs a program to its end, at most 30 s. One that goes to the background counts as ended when it has done so; it then outlives us.
   * Errors: GatewayError "tool-missing" (not installed), "tool-failed" (cannot be started).
   */
  run(command: string, args: readonly string[], directory: string): Promise<Outcome>;
  /** Calls back once when this process is gone, whoever started it; looks several times a second. */
  watch(pid: number, onGone: () => void): () => void;
  /** On which processor it runs or ran last, from 0; undefined when it is gone. */
  processorOf(pid: number): number | undefined;
  /** Who listens on these TCP ports in our network namespace, or on any. */
  listeners(ports?: ReadonlySet<number>): Promise<readonly Listener[]>;
  /** Whether `command` is on the PATH. */
  has(command: string): Promise<boolean>;
}
