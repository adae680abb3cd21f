/** Programs of the laboratory; run them inside the sandbox: scripts/lab node dist/lab.js demo. */
import { demo } from "./demo/demo.ts";

const usage = "usage: scripts/demo [--once]\n       scripts/demo try gateway ARGS… | try in HOST CMD ARGS…\n";

const interrupted = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve());
});

async function main([command, ...args]: readonly string[]): Promise<number> {
  if (command !== "demo" || args.some((arg) => arg !== "--once")) {
    process.stderr.write(usage);
    return 2;
  }
  try {
    const ended = interrupted.then(() => "interrupted" as const);
    const done = demo({ once: args.includes("--once") }, interrupted).then(() => "done" as const);
    await Promise.race([done, ended.then(() => done.catch(() => {}))]);
    return 0;
  } catch (error) {
    process.stderr.write(
      `\nThe demonstration failed: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  }
}

process.exit(await main(process.argv.slice(2)));
