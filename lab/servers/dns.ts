import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Running } from "../exec.ts";
import { waitFor } from "../wait.ts";
import type { DhcpPlace } from "./dhcp-server.ts";

/** Starts a name server that knows only `names` (name -> addresses of either family); resolves when it answers. */
export async function startDns(
  place: DhcpPlace,
  names: Readonly<Record<string, readonly string[]>>,
): Promise<Running> {
  await mkdir(place.directory, { recursive: true });
  const file = join(place.directory, "dns.conf");
  const records = Object.entries(names).flatMap(([name, ips]) => ips.map((ip) => `address=/${name}/${ip}`));
  const fixed = ["no-resolv", "no-hosts", "log-queries", "log-facility=-", "bind-dynamic"];
  const pid = `pid-file=${join(place.directory, "dns.pid")}`;
  await writeFile(file, [...fixed, pid, `interface=${place.interface}`, ...records, ""].join("\n"));
  const running = place.namespace.start(
    ["dnsmasq", "--keep-in-foreground", `--conf-file=${file}`, "--user=root", "--group="],
    {},
  );
  await waitFor(
    "the name server answers",
    () => running.running && running.lines.some((l) => / started,/.test(l)),
    {
      explain: () => running.lines.join("\n"),
    },
  );
  return running;
}
