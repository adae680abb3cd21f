import { expect, test } from "vitest";
import { parseConfig } from "./parse.ts";
import { problemLines } from "./problem-lines.ts";
import { defaultConfig, settings } from "./schema.ts";
import { renderConfig } from "./show.ts";
import { linesOfToml } from "./toml-lines.ts";

/** Each problem's key and line. */
function told(text: string, path: string): readonly (readonly [string, number | undefined])[] {
  const outcome = parseConfig(text, path);
  if (outcome.ok) throw new Error("there is nothing wrong with it");
  const lineOf = problemLines(text, path);
  return outcome.problems.map((problem) => [problem.key, lineOf(problem)]);
}

test("TOML: sections, tables, lists and quoted keys over several lines", () => {
  const text = `\ufeff# about it
log.level = "loud"
[lan]
adress = "x" # it is "address"

[forwards]
auto = 3
[forwards.ports]
8080 = 0
"a b" = [
  1,
  2,
]
[discovery]
deny = [
  "zz",
  "00:00:5e:00:53:01", # good
]
[nope]
x = """
[api]
port = 0
"""
[api]
port = 0
`;
  expect(told(text, "gateway.toml").toSorted(([, a = 0], [, b = 0]) => a - b)).toEqual([
    ["log.level", 2],
    ["lan.adress", 4],
    ["forwards.auto", 7],
    ["forwards.ports.8080", 9],
    ['forwards.ports."a b"', 10],
    ["discovery.deny[0]", 15],
    ["nope", 19],
    ["api.port", 25],
  ]);
});

test("TOML: inline tables, carriage returns, what is between settings, and what is not valid at all", () => {
  expect(told('\r\nwan = { interface = "eth1" }\r\napi = 3\r\n', "a.toml")).toEqual([
    ["api", 3],
    ["lan.interface", undefined],
  ]);
  expect(told("[discovery]\noffline_after = 9\nforget_after = 2\n", "a.toml")).toEqual([
    ["discovery.forget_after", 3],
  ]);
  expect(told("[lan]\n\ninterface = eth1\n", "a.toml")).toEqual([["", 3]]);
});

test("TOML: every setting of a whole file is found", () => {
  const text = renderConfig(defaultConfig());
  const lines = text.split("\n");
  const lineOf = linesOfToml(text);
  const starts = settings.map(({ section, key }) => lines[(lineOf([section, key]) ?? 0) - 1]);
  expect(starts.map((line) => line?.replace(/ = .*|[[\]]/g, ""))).toEqual(
    settings.map(({ section, key, form }) => (form === "ports" ? `${section}.${key}` : key)),
  );
});

test("TOML: a statement without end in sight ends the search", () => {
  const text = `[lan]\na = 1\nb = [\n${"1,\n".repeat(1000)}]\nc = 1\n`;
  const lineOf = linesOfToml(text);
  expect([lineOf(["lan", "a"]), lineOf(["lan", "b"]), lineOf(["lan", "c"])]).toEqual([
    2,
    undefined,
    undefined,
  ]);
});

test("UCI: options, lists, ports, and what is given twice", () => {
  const text = `\ufeffconfig gateway 'lan'
	option dhcp 5
	option dhcp 1
config gateway 'discovery'
	list deny '02:00:5e:*'
	list deny 'aa'
	option allow 'bb cc'
config gateway 'forwards'
	list ports '8080:0'
	list ports '1:a'
	option foo 1
config x
`;
  expect(told(text, "/etc/config/ipv4-ipv6-gateway").toSorted(([, a = 0], [, b = 0]) => a - b)).toEqual([
    ["lan.dhcp", 2],
    ["lan.dhcp", 3],
    ["discovery.deny[1]", 6],
    ["discovery.allow[0]", 7],
    ["discovery.allow[1]", 7],
    ["forwards.ports.8080", 9],
    ["forwards.ports.1", 10],
    ["forwards.foo", 11],
    ["", 12],
  ]);
});
