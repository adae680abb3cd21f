import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Running } from "../exec.ts";
import { waitFor } from "../wait.ts";
import type { DhcpPlace } from "./dhcp-server.ts";
import type { Dhcp6Program } from "./kea6.ts";
import type { RaOptions, RaProgram } from "./ra-server.ts";

const common = (place: DhcpPlace, dns: readonly string[], domain: string | undefined): string[] => [
  "port=0",
  `interface=${place.interface}`,
  "bind-dynamic",
  "log-dhcp",
  "log-facility=-",
  `pid-file=${join(place.directory, "dnsmasq6.pid")}`,
  `dhcp-leasefile=${join(place.directory, "dnsmasq6.leases")}`,
  ...(dns.length === 0 ? [] : [`dhcp-option=option6:dns-server,${dns.map((ip) => `[${ip}]`).join(",")}`]),
  ...(domain === undefined ? [] : [`dhcp-option=option6:domain-search,${domain}`]),
];

/** dnsmasq has one lifetime for both; `deprecated` is a preferred lifetime of 0. Its least interval is 4 s. */
function raConfig(place: DhcpPlace, options: RaOptions, stateless: boolean): readonly string[] {
  const mode = stateless ? "ra-stateless" : "ra-only";
  const mtu = options.mtu === undefined ? [] : [`mtu:${options.mtu}`];
  const preference = options.preference === "medium" ? [] : [options.preference];
  return [
    ...common(place, options.rdnss, options.dnssl.length === 0 ? undefined : options.dnssl.join(",")),
    "enable-ra",
    `ra-param=${[place.interface, ...mtu, ...preference, options.maxInterval, options.routerLifetime].join(",")}`,
    ...options.prefixes
      .filter(({ valid }) => valid > 0)
      .map(({ prefix, valid, preferred }) => {
        const [address = "", length = "64"] = prefix.split("/");
        return `dhcp-range=${address},${mode},${length},${preferred === 0 ? "deprecated" : valid}`;
      }),
  ];
}

async function launch(
  place: DhcpPlace,
  lines: readonly string[],
  onLine: (line: string) => void,
  ready: RegExp,
): Promise<Running> {
  await mkdir(place.directory, { recursive: true });
  const file = join(place.directory, "dnsmasq6.conf");
  await writeFile(file, [...lines, ""].join("\n"));
  const running = place.namespace.start(
    ["dnsmasq", "--keep-in-foreground", `--conf-file=${file}`, "--user=root", "--group="],
    { onLine },
  );
  await waitFor("dnsmasq answers", () => running.running && running.lines.some((line) => ready.test(line)), {
    explain: () => running.lines.join("\n"),
  });
  return running;
}

/** Router Advertisements; stateless: answers Information-requests too, and says so by the O flag. */
export const dnsmasqRa = (stateless: boolean): RaProgram => ({
  kind: "dnsmasq",
  launch: (place, options, onLine) =>
    launch(
      place,
      raConfig(place, options, stateless),
      onLine,
      /RTR-ADVERT\(|IPv6 router advertisement enabled/,
    ),
});

/** Answers Information-requests, and has no address for those who SOLICIT; another program advertises. */
export const dnsmasq6: Dhcp6Program = {
  kind: "dnsmasq",
  launch: (place, { subnet, dns, domain }, onLine) => {
    const range = `dhcp-range=${subnet.split("/")[0]},static,64`;
    return launch(place, [...common(place, dns, domain), range], onLine, /DHCPv6, /);
  },
  leases: async () => [],
  forgetLeases: async () => {},
};
