import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { infinite, type PrefixDescription } from "../description6.ts";
import { waitFor } from "../wait.ts";
import type { DhcpPlace } from "./dhcp-server.ts";
import type { RaOptions, RaProgram } from "./ra-server.ts";

const file = (place: DhcpPlace): string => join(place.directory, "radvd.conf");
const onOff = (value: boolean): string => (value ? "on" : "off");
const seconds = (value: number): string => (value === infinite ? "infinity" : String(value));

const prefixBlock = (prefix: Required<PrefixDescription>): readonly string[] => [
  `  prefix ${prefix.prefix} {`,
  `    AdvOnLink ${onOff(prefix.onLink)};`,
  `    AdvAutonomous ${onOff(prefix.autonomous)};`,
  `    AdvValidLifetime ${seconds(prefix.valid)};`,
  `    AdvPreferredLifetime ${seconds(prefix.preferred)};`,
  "  };",
];

export const renderRadvd = (ifname: string, options: RaOptions): string =>
  [
    `interface ${ifname} {`,
    "  AdvSendAdvert on;",
    "  MinRtrAdvInterval 3;",
    `  MaxRtrAdvInterval ${options.maxInterval};`,
    "  AdvRASolicitedUnicast on;",
    `  AdvManagedFlag ${onOff(options.managed)};`,
    `  AdvOtherConfigFlag ${onOff(options.other)};`,
    `  AdvDefaultLifetime ${options.routerLifetime};`,
    `  AdvDefaultPreference ${options.preference};`,
    ...(options.mtu === undefined ? [] : [`  AdvLinkMTU ${options.mtu};`]),
    ...options.prefixes.flatMap(prefixBlock),
    ...(options.rdnss.length === 0
      ? []
      : [`  RDNSS ${options.rdnss.join(" ")} { AdvRDNSSLifetime ${seconds(options.rdnssLifetime)}; };`]),
    ...(options.dnssl.length === 0
      ? []
      : [`  DNSSL ${options.dnssl.join(" ")} { AdvDNSSLLifetime ${seconds(options.rdnssLifetime)}; };`]),
    "};",
    "",
  ].join("\n");

export const radvd: RaProgram = {
  kind: "radvd",
  async launch(place, options, onLine) {
    await mkdir(place.directory, { recursive: true });
    await writeFile(file(place), renderRadvd(place.interface, options));
    const pid = join(place.directory, "radvd.pid");
    await rm(pid, { force: true });
    const argv = ["radvd", "--nodaemon", "--debug", "4", "--logmethod", "stderr", "--pidfile", pid];
    const running = place.namespace.start([...argv, "--config", file(place)], { onLine });
    await waitFor(
      "radvd advertises",
      () => running.running && running.lines.some((line) => /is ready/.test(line)),
      { explain: () => running.lines.join("\n") },
    );
    return running;
  },
  async reload(place, options, running) {
    await writeFile(file(place), renderRadvd(place.interface, options));
    const before = running.lines.length;
    running.kill("SIGHUP");
    await waitFor("radvd has read its configuration", () =>
      running.lines.slice(before).some((line) => /is ready/.test(line)),
    );
  },
};
