const signals = ["SIGINT", "SIGTERM"] as const;

/** Runs a task that goes on until Ctrl-C. */
export async function untilInterrupted(task: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const signal of signals) process.on(signal, stop);
  try {
    await task(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
