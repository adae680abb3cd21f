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

const heading = (title: string, text: string): string => `${title}:\n${indent(text)}`;

const explain =
  (lab: Lab, missing: () => readonly string[] = () => []) =>
  async (): Promise<string> => {
    const { gateway } = lab;
    const [table, addresses] = await Promise.all([
      gateway.command(["devices", "--direct"]),
      gateway.namespace.run(["ip", "-6", "address", "show"], { mayFail: true }),
    ]);
    return [
      heading("Missing", missing().join("\n")),
      heading("gateway devices --direct", table.stdout + table.stderr),
      heading("ip -6 address show, in the gateway", addresses.stdout + addresses.stderr),
      heading("The gateway's log", gateway.output.join("\n")),
    ].join("\n");
  };

/**
 * `gateway devices` until nothing is missing in it. Without a terminal it is shown when all of it has changed, not at each step.
 * @param missing what is not as wanted yet, a sentence each
 */
export async function watchTable(
  lab: Lab,
  missing: (rows: readonly GatewayDevice[]) => readonly string[],
): Promise<readonly GatewayDevice[]> {
  const live = new Live();
  let lacking: readonly string[] = [];
  return waitFor(
    "the devices reach the state that the demonstration expects",
    async () => {
      const rows = await lab.gateway.devices();
      lacking = missing(rows);
      const isDone = lacking.length === 0;
      const same = rows
        .map((r) => [r.mac_address, r.status, r.reason, r.ipv4_wan_address, r.ipv6_address].join())
        .join();
      if (process.stdout.isTTY || isDone)
        live.show(indent((await lab.gateway.command(["devices", "--direct"])).stdout), same);
      return isDone && rows;
    },
    { timeoutMs: 60_000, everyMs: 300, explain: explain(lab, () => lacking) },
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
