/** docs/configuration.md: every setting, from the schema. */
import * as z from "zod/mini";
import {
  type Config,
  configSchema,
  defaultConfig,
  type Setting,
  sectionMeta,
  sections,
  settings,
} from "./schema.ts";
import { rangeOf, toml } from "./show.ts";

const preamble = `# Configuration

Written from the schema by \`npm run docs\`; changes here are lost.

The file is \`/etc/ipv4-ipv6-gateway/gateway.toml\`, on OpenWrt \`/etc/config/ipv4-ipv6-gateway\`, or what \`--config\` names. All keys have defaults.
Times are in seconds. An unknown key or a bad value is an error that names the key, the value and what is allowed; nothing starts then.

- \`gateway config show\` prints the configuration in force with an explanation of each key, \`gateway config check\` names every mistake.
  With \`--json\` scripts get the values alone, and each mistake with its key and its line.
- In UCI each section is \`config gateway '<section>'\`, each key an \`option\`, or a \`list\` where there are several values.
  \`forwards.ports\` is \`list ports '8080:80,5000'\`; a flag is \`0\` or \`1\`.
- A running gateway takes a changed file over on SIGHUP (\`systemctl reload ipv4-ipv6-gateway\`, \`uci commit\` followed by \`reload_config\`):
  it starts anew inside its process, and neither leases nor connections are lost. A file with a mistake changes nothing.
`;

const value = (of: Config, { section, key }: Setting): string => {
  const tables = z.encode(configSchema, of) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const given = tables[section]?.[key];
  if (given === null || typeof given !== "object" || Array.isArray(given)) return toml(given);
  const pairs = Object.entries(given).map(([port, target]) => `${port} = ${JSON.stringify(target)}`);
  return pairs.join(", ");
};

/** A cell of a table in Markdown. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function row(setting: Setting, standard: Config): string {
  const { key, description, form } = setting;
  const words = form === "flag" ? "true or false" : rangeOf(setting);
  return `| \`${key}\` | \`${cell(value(standard, setting))}\` | ${cell(description)} | ${cell(words)} |`;
}

export function renderConfigDocument(): string {
  const standard = defaultConfig();
  const parts = Object.entries(sections).map(([name, schema]) => {
    const rows = settings.filter((s) => s.section === name).map((s) => row(s, standard));
    const head = "| key | default | meaning | allowed |\n|---|---|---|---|";
    return `## [${name}]\n\n${sectionMeta.get(schema.def.innerType)?.description}\n\n${head}\n${rows.join("\n")}\n`;
  });
  return [preamble, ...parts].join("\n");
}
