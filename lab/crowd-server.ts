/** The real API and dashboard over made-up devices, in a namespace with a browser beside it. */
import { type LabBrowser, startBrowser } from "./browser.ts";
import { bundleProgram } from "./bundle.ts";
import type { Running } from "./exec.ts";
import type { Namespace } from "./netns.ts";
import { waitFor } from "./wait.ts";

export const crowdOrigin = "http://127.0.0.1:5050";
export const crowdToken = "made-up-token-of-made-up-devices";

export interface CrowdServer {
  readonly browser: LabBrowser;
  /** From now on so many devices change a second, besides those that do already. */
  change(perSecond: number): void;
  stop(): Promise<void>;
}

/** @param directory for the browser's profile */
export async function startCrowd(
  namespace: Namespace,
  directory: string,
  count: number,
): Promise<CrowdServer> {
  const program = await bundleProgram("lab/programs/crowd-server.ts", "lab-crowd-server.js");
  const address = new URL(crowdOrigin);
  const argv = [process.execPath, program, address.hostname, address.port, String(count), crowdToken];
  const server: Running = namespace.start(argv);
  await waitFor("the made-up devices are served", () => server.lines.includes("serving"), {
    timeoutMs: 20_000,
    explain: () => server.lines.join("\n"),
  });
  const browser = await startBrowser(namespace, directory, crowdOrigin);
  return {
    browser,
    change: (perSecond) => server.write(`${perSecond}\n`),
    stop: async () => {
      await browser.close();
      await server.stop();
    },
  };
}
