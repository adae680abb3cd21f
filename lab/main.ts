/** Programs of the laboratory; run them inside the sandbox: scripts/lab node dist/lab.js demo dual --once. */
import { demo } from "./demo/demo.ts";
import { demoNetworks } from "./demo/networks.ts";

const names = Object.keys(demoNetworks);
const usage = `usage: lab.js demo ${names.join("|")} [--once]; people start scripts/demo\n`;

const interrupted = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve());
});

async function main([command, name = "", ...args]: readonly string[]): Promise<number> {
  const network = new Map(Object.entries(demoNetworks)).get(name);
  if (command !== "demo" || network === undefined || args.some((arg) => arg !== "--once")) {
    process.stderr.write(usage);
    return 2;
  }
  try {
    const ended = interrupted.then(() => "interrupted" as const);
    const done = demo({ network, once: args.includes("--once") }, interrupted).then(() => "done" as const);
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
