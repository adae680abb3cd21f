import { expect, test } from "vitest";
import { changesLevelsAlone } from "./live-change.ts";
import { type Config, defaultConfig } from "./schema.ts";

const config = defaultConfig();
const withLog = (log: Partial<Config["log"]>): Config => ({ ...config, log: { ...config.log, ...log } });

test.each<[string, boolean, Config, Config]>([
  ["nothing", false, config, defaultConfig()],
  ["an area's level", true, config, withLog({ levels: { dhcp4: "debug" } })],
  ["an area's level that goes again", true, withLog({ levels: { dhcp4: "debug" } }), config],
  ["the level of all", true, config, withLog({ level: "warn" })],
  [
    "the order of areas",
    false,
    withLog({ levels: { api: "warn", dhcp4: "warn" } }),
    withLog({ levels: { dhcp4: "warn", api: "warn" } }),
  ],
  ["what dnsmasq says", false, config, withLog({ levels: { lan: "debug" } })],
  ["what the proxy says, by the level of all", false, config, withLog({ level: "debug" })],
  [
    "the same, where those two have levels of their own",
    true,
    withLog({ levels: { lan: "info", proxy: "info" } }),
    withLog({ level: "debug", levels: { lan: "info", proxy: "info" } }),
  ],
  ["the log's file too", false, config, withLog({ levels: { dhcp4: "debug" }, file: "/x" })],
  [
    "another section too",
    false,
    config,
    { ...withLog({ level: "warn" }), api: { ...config.api, port: 5051 } },
  ],
])("%s: %s", (_, alone, before, after) => {
  expect(changesLevelsAlone(before, after)).toBe(alone);
});
