/** `docs/diagnose.md`, from what the checks say of themselves. */
import { checks } from "./checks.ts";
import { areas, type Check } from "./finding.ts";

const beginning = `# gateway diagnose

Made from the checks in \`src/diagnose\` (\`npx vitest run src/diagnose -u\`); do not edit.

\`gateway diagnose\` looks at the configuration, the files, the kernel, the processes and the network, with the gateway running or not, and says what is wrong, from what it knows that, and what mends it.
Without root it says what it could not look at. Numbers are those of the original's 14 checks.

| option | does |
|---|---|
| \`--json\` | all findings, those that are well included, with stable ids |
| \`--fix-all\`, \`--fix-network\`, \`--fix-service\` | does what is marked safe, of that group, and looks again |
| \`--dry-run\` | shows what would be done, and does nothing |
| \`--probe\` | asks the router in the name of every device, five a second, instead of three devices |

Exit codes: 0 no problem, 1 problems found, or left after mending, 2 wrong usage or configuration.

A **problem** is something that does not work, or soon will not; a **warning** something that may not; a **note** is good to know.

Questions that it puts on the wire: one DHCPDISCOVER on the LAN, whose offers it does not take; one or two ARP requests in the name of three devices to their router; one DNS question to each name server, one SNTP question to each of up to three time servers that leases name;
a TCP connection to the usual ports of up to 20 devices, closed at once; where IPv4 goes by a NAT64, up to eight ICMPv6 echo requests of one device through it, which end after a few hops.

What \`--fix-…\` does, and nothing else: turn forwarding on where it is off, start or enable the service where there is one, rename a stale pid file, set a damaged state file aside in favour of its
newest good backup while no gateway runs, end a dnsmasq, HAProxy or socat of ours that hangs, which the running gateway starts anew. It never writes a configuration.
`;

const cell = (text: string): string => text.replaceAll("|", "\\|");

const row = ({ id, number, looksAt, means, remedy }: Check): string =>
  `| ${number ?? ""} | \`${id}\` | ${[looksAt, means, remedy].map(cell).join(" | ")} |`;

export function renderDocument(): string {
  const tables = areas.map((area) => {
    const rows = checks.filter((check) => check.area === area).map(row);
    const head = ["|  | check | looks at | a problem means | what mends it |", "|---|---|---|---|---|"];
    return [`\n## ${area.charAt(0).toUpperCase()}${area.slice(1)}\n`, ...head, ...rows].join("\n");
  });
  return `${beginning}${tables.join("\n")}\n`;
}
