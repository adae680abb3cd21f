import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkOutput } from "../../test/support/output.ts";
import { parseConfig } from "../config/parse.ts";
import { defaultConfig } from "../config/schema.ts";
import { writtenConfig } from "../config/show.ts";
import { configCheck } from "./config-check.ts";
import { configSchema, configShow } from "./config-commands.ts";
import { configImport } from "./config-import.ts";
import { loadConfig } from "./config-load.ts";
import { defaultConfigPath } from "./config-place.ts";

const files: Readonly<Record<string, string>> = {
  "good.toml": "[api]\nport = 8000",
  "bad.toml": "[api]\nport = 0\nprt = 1",
  "broken.toml": "[api]\n[",
  "gateway_config.py": "API_PORT = 8000\nAPI_HOST = '0.0.0.0'\n",
  "/etc/config/ipv4-ipv6-gateway": "config gateway 'api'\n\toption port '8000'\n",
};
const read = async (path: string): Promise<string | undefined> => files[path];
const captured = () => {
  const texts = { out: "", err: "" };
  const output = {
    out: (text: string) => {
      texts.out += text;
    },
    err: (text: string) => {
      texts.err += text;
    },
  };
  return { texts, output };
};
const named = (path: string) => ({ path, named: true });

test("OpenWrt keeps the configuration with UCI", () => {
  expect(defaultConfigPath((path) => path === "/etc/openwrt_release")).toBe("/etc/config/ipv4-ipv6-gateway");
  expect(defaultConfigPath(() => false)).toBe("/etc/ipv4-ipv6-gateway/gateway.toml");
});

test("TOML and UCI files load", async () => {
  expect((await loadConfig(named("good.toml"), read)).config.api.port).toBe(8000);
  expect((await loadConfig(named("/etc/config/ipv4-ipv6-gateway"), read)).config.api.port).toBe(8000);
});

test("a missing file: defaults at the default place, an error where it was named", async () => {
  expect(await loadConfig({ path: "none.toml", named: false }, read)).toEqual({
    config: defaultConfig(),
    note: "There is no none.toml: the defaults are in force.",
  });
  await expect(loadConfig(named("none.toml"), read)).rejects.toMatchObject({ code: "config-missing" });
  const denied = () => Promise.reject(new Error("EACCES: permission denied"));
  await expect(loadConfig(named("x.toml"), denied)).rejects.toMatchObject({
    code: "config-unreadable",
    message: "x.toml cannot be read: EACCES: permission denied",
  });
});

test("check says that it is good, or all that is wrong", async () => {
  const { texts, output } = captured();
  await configCheck(named("good.toml"), read, { json: false, ...output });
  expect(texts).toEqual({ out: "good.toml: the configuration is good.\n", err: "" });
  await expect(configCheck(named("bad.toml"), read, { json: false, ...output })).rejects.toMatchObject({
    code: "config-invalid",
    message:
      "bad.toml: 2 problems in the configuration\n  line 2: api.port = 0: must be a whole number from 1 to 65535\n  line 3: api.prt = 1: no such key; did you mean api.port?",
  });
});

test("check in JSON: the same, with keys and lines, and exit code 2 where something is wrong", async () => {
  const checked = async (path: string, isNamed = true) => {
    const { texts, output } = captured();
    const code = await configCheck({ path, named: isNamed }, read, { json: true, ...output });
    expect(texts.err).toBe("");
    return [code, checkOutput("config check", texts.out)];
  };
  const good = { exists: true, valid: true, problems: [] };
  expect(await checked("good.toml")).toEqual([0, { file: "good.toml", ...good }]);
  expect(await checked("none.toml", false)).toEqual([0, { file: "none.toml", ...good, exists: false }]);
  expect(await checked("bad.toml")).toEqual([
    2,
    {
      file: "bad.toml",
      exists: true,
      valid: false,
      problems: [
        { path: "api.port", line: 2, message: "api.port = 0: must be a whole number from 1 to 65535" },
        { path: "api.prt", line: 3, message: "api.prt = 1: no such key; did you mean api.port?" },
      ],
    },
  ]);
  const where = {
    path: null,
    line: 2,
    message: expect.stringMatching(/^line 2, column \d+: not valid TOML: /),
  };
  expect(await checked("broken.toml")).toMatchObject([2, { valid: false, problems: [where] }]);
  await expect(checked("none.toml")).rejects.toMatchObject({ code: "config-missing" });
});

test("show prints what reads back; a note about a missing file stays out of it", async () => {
  const { texts, output } = captured();
  await configShow({ path: "none.toml", named: false }, read, { json: false, ...output });
  expect(parseConfig(texts.out, "a.toml")).toEqual({ ok: true, config: defaultConfig() });
  expect(texts.err).toContain("There is no none.toml");
});

test("schema prints JSON", async () => {
  const { texts, output } = captured();
  expect(await configSchema(output)).toBe(0);
  expect(JSON.parse(texts.out)).toMatchObject({ type: "object", additionalProperties: false });
});

test("show and import in JSON: settings as a file has them", async () => {
  const shown = captured();
  await configShow({ path: "none.toml", named: false }, read, { json: true, ...shown.output });
  expect(shown.texts.err).toBe("");
  expect(checkOutput("config show", shown.texts.out)).toEqual({
    file: "none.toml",
    exists: false,
    settings: writtenConfig(defaultConfig()),
  });
  const imported = captured();
  await configImport("gateway_config.py", read, { json: true, uci: false, ...imported.output });
  expect(imported.texts.err).toBe("");
  expect(checkOutput("config import", imported.texts.out)).toEqual({
    settings: { api: { port: 8000 } },
    notes: [expect.stringMatching(/^API_HOST is left out: /)],
  });
});

test("import as UCI: the original's settings over what OpenWrt's package has, and it reads back", async () => {
  const { texts, output } = captured();
  await configImport("gateway_config.py", read, { json: false, uci: true, ...output });
  expect(texts.out).toContain("config gateway 'api'\n\toption port '8000'\n");
  expect(texts.err).toContain("API_HOST is left out");
  const outcome = parseConfig(texts.out, "/etc/config/ipv4-ipv6-gateway");
  const shipped = parseConfig(
    readFileSync("deploy/openwrt/files/etc/config/ipv4-ipv6-gateway", "utf8"),
    "/etc/config/ipv4-ipv6-gateway",
  );
  if (!outcome.ok || !shipped.ok) throw new Error("not valid");
  expect(outcome.config.api.port).toBe(8000);
  expect([outcome.config.log, outcome.config.state]).toEqual([shipped.config.log, shipped.config.state]);
});
