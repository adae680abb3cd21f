/** Settings as OpenWrt's UCI writes them. */
type Tables = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What on OpenWrt differs from the usual: the log is the system's, and there is no /run. As deploy/openwrt/files/etc/config has it. */
export const openWrtDefaults: Tables = {
  log: { file: "" },
  state: { directory: "/etc/ipv4-ipv6-gateway", runtime_directory: "/var/run/ipv4-ipv6-gateway" },
};

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const scalar = (value: unknown): string =>
  quoted(typeof value === "boolean" ? (value ? "1" : "0") : String(value));

/** Lists and tables have an entry a line; a list that is empty is an option that is. */
function lines(key: string, value: unknown): readonly string[] {
  if (value === null || typeof value !== "object") return [`option ${key} ${scalar(value)}`];
  const entries = Array.isArray(value)
    ? value.map((entry) => scalar(entry))
    : Object.entries(value).map(([port, target]) => quoted(`${port}:${target}`));
  return entries.length === 0 ? [`option ${key} ''`] : entries.map((entry) => `list ${key} ${entry}`);
}

/** Reads back as the same settings. */
export const renderUci = (tables: Tables): string =>
  Object.entries(tables)
    .map(([section, keys]) =>
      [
        `config gateway '${section}'`,
        ...Object.entries(keys).flatMap(([key, value]) => lines(key, value).map((line) => `\t${line}`)),
      ].join("\n"),
    )
    .join("\n\n")
    .concat("\n");

/** `over` takes precedence, key by key. */
export const withDefaults = (defaults: Tables, over: Tables): Tables =>
  Object.fromEntries(
    [...new Set([...Object.keys(over), ...Object.keys(defaults)])].map((section) => [
      section,
      { ...defaults[section], ...over[section] },
    ]),
  );
