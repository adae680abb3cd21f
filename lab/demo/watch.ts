/** What the gateway tells its operator, shown as it is. */
import type { GatewayDevice } from "../gateway.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";
import { Live, say } from "./screen.ts";

const indent = (text: string): string =>
  text
    .trimEnd()
    .replace(/^(?=.)/gm, "  ")
    .concat("\n");

const explain = (lab: Lab) => (): string => lab.gateway.output.slice(-20).join("\n");

/** `gateway devices` until it shows what is wanted. Without a terminal it is shown when all of it has changed, not at each step. */
export async function watchTable(
  lab: Lab,
  done: (rows: readonly GatewayDevice[]) => boolean,
): Promise<readonly GatewayDevice[]> {
  const live = new Live();
  return waitFor(
    "the devices reach the state that the demonstration expects",
    async () => {
      const rows = await lab.gateway.devices();
      const isDone = done(rows);
      const same = rows
        .map((r) => [r.mac_address, r.status, r.reason, r.ipv4_wan_address, r.ipv6_address].join())
        .join();
      if (process.stdout.isTTY || isDone)
        live.show(indent((await lab.gateway.command(["devices", "--direct"])).stdout), same);
      return isDone && rows;
    },
    { timeoutMs: 60_000, everyMs: 300, explain: explain(lab) },
  );
}

/** `gateway status`, once it says this of the network. */
export async function showStatus(lab: Lab, offers: RegExp): Promise<void> {
  const status = await waitFor(
    "gateway status tells what the network offers",
    async () => {
      const { stdout } = await lab.gateway.command(["status", "--direct"]);
      return offers.test(stdout) && stdout;
    },
    { timeoutMs: 30_000, everyMs: 300, explain: explain(lab) },
  );
  const [, ...facts] = status.trimEnd().split("\n");
  for (const line of facts) say(line);
}
