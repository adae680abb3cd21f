/** docs/performance.md out of what the benches found. */
import type { Report, Table } from "./report.ts";

/** What the figures depend on besides the program. */
export interface Machine {
  /** As `x86_64`. */
  readonly architecture: string;
  readonly processors: number;
  readonly processorModel: string;
  readonly memoryMegabytes: number;
  readonly virtual: boolean;
  /** Of the minute before the first bench. */
  readonly load: number;
  /** Names and versions, as `["kernel", "6.1.0"]`. */
  readonly versions: readonly (readonly [name: string, version: string])[];
}

/** A bench's command line and what came of it; a text says why there is nothing. */
export interface Outcome {
  readonly command: string;
  readonly result: Report | string;
}

const introduction = `# Performance

Written by \`bench/all\`. Peers and limits run for real on the same machine in the same run, so the ratios tell more than the figures.
All traffic stays in network namespaces on one machine: sender, gateway and receiver share its processors.
`;

export const performancePage = (machine: Machine, outcomes: readonly Outcome[]): string =>
  [introduction, machineText(machine), ...outcomes.map(outcomeText)].join("\n");

const machineText = (machine: Machine): string => {
  const { architecture, processors, processorModel, memoryMegabytes, virtual, load } = machine;
  const kind = `${virtual ? "virtual machine" : "machine"}, ${architecture}, ${processors} processors (${processorModel})`;
  const memory = `${Math.round(memoryMegabytes / 1024)} GB of memory`;
  const busy = `load average before the first bench: ${load.toFixed(1)}`;
  const versions = machine.versions.map(([name, version]) => `${name} ${version}`).join(", ");
  return `Machine: ${kind}, ${memory}; ${busy}.\nVersions: ${versions}.\n`;
};

const outcomeText = ({ command, result }: Outcome): string =>
  typeof result === "string"
    ? `## \`${command}\`\n\nNo figures: ${escaped(result)}\n`
    : `## ${result.title}\n\n\`${command}\`\n\n${result.about.join("\n")}\n${result.tables.map((table) => `\n${markdownTable(table)}`).join("")}`;

const escaped = (text: string): string => text.replaceAll("|", "\\|");

/** The first column is text, the others are figures. */
function markdownTable([heading = [], ...rows]: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |\n`;
  const rule = `|${heading.map((_, i) => (i === 0 ? "---" : "--:")).join("|")}|\n`;
  return [line(heading), rule, ...rows.map(line)].join("");
}
