import type { Running } from "./exec.ts";
import type { Namespace } from "./netns.ts";
import { projectFile } from "./paths.ts";
import { waitFor } from "./wait.ts";

const program = projectFile("lab/programs/host.mjs");

/** Ports by service; see lab/programs/host.mjs for what each answers. */
export interface ServiceOptions {
  readonly web?: readonly number[];
  readonly banner?: readonly number[];
  readonly udpEcho?: readonly number[];
}

export interface ServiceRequest {
  readonly kind: "web" | "banner" | "udp" | "ready";
  readonly port?: number;
  /** The client's address as the server saw it. */
  readonly from?: string;
  readonly path?: string;
}

export interface Services {
  readonly name: string;
  /** Every request so far, oldest first. */
  requests(): readonly ServiceRequest[];
  stop(): Promise<void>;
}

/** Starts the services of a host; resolves when all ports listen. */
export async function startServices(
  namespace: Namespace,
  name: string,
  options: ServiceOptions,
): Promise<Services> {
  const requests: ServiceRequest[] = [];
  const running: Running = namespace.start(
    [process.execPath, program, JSON.stringify({ name, ...options })],
    {
      onLine: (line, from) => {
        if (from === "stdout") requests.push(JSON.parse(line) as ServiceRequest);
      },
    },
  );
  await waitFor(`services of ${name} listen`, () => requests[0]?.kind === "ready", {
    explain: () => running.lines.join("\n"),
  });
  return {
    name,
    requests: () => requests.slice(1),
    stop: async () => {
      await running.stop("SIGKILL");
    },
  };
}
