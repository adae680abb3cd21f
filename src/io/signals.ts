/** The signals that a daemon acts on, one after the other; none is lost while another is acted on. */

export interface Signals {
  /** The next one that came, or that will come. For one reader at a time. */
  next(): Promise<NodeJS.Signals>;
  /** From now on they do again what they do to any process. */
  close(): void;
}

/** Catches SIGINT, SIGTERM (end) and SIGHUP (read the configuration again) from now on. */
export function catchSignals(): Signals {
  const came: NodeJS.Signals[] = [];
  let waiting: ((signal: NodeJS.Signals) => void) | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const reader = waiting;
    waiting = undefined;
    if (reader) reader(signal);
    else came.push(signal);
  };
  const caught = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of caught) process.on(signal, onSignal);
  return {
    next() {
      const first = came.shift();
      if (first !== undefined) return Promise.resolve(first);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    close() {
      for (const signal of caught) process.off(signal, onSignal);
    },
  };
}
