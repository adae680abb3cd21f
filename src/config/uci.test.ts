import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig } from "./parse.ts";
import { parseUci } from "./uci-syntax.ts";

const path = "/etc/config/ipv4-ipv6-gateway";
const problems = (text: string): readonly string[] => {
  const outcome = parseConfig(text, path);
  return outcome.ok ? [] : outcome.problems.map((p) => p.line);
};

test("words: quotes, escapes, comments, continued lines", () => {
  const { sections, errors } = parseUci(
    [
      "package 'gateway'",
      "config gateway lan # a comment",
      "\toption a 'it'\\''s'",
      '\toption b "say \\"hi\\" # no comment"',
      "\toption c one\\ word",
      "\toption d 'two",
      "lines'",
      "\toption e \\",
      "\t\t'continued'; option f 'after a semicolon'",
      "\tlist g ''",
      "config log",
    ].join("\n"),
  );
  expect(errors).toEqual([]);
  expect(sections.map(({ type, name, line }) => [type, name, line])).toEqual([
    ["gateway", "lan", 2],
    ["log", undefined, 11],
  ]);
  expect(sections[0]?.values.map(({ kind, name, value }) => [kind, name, value])).toEqual([
    ["option", "a", "it's"],
    ["option", "b", 'say "hi" # no comment'],
    ["option", "c", "one word"],
    ["option", "d", "two\nlines"],
    ["option", "e", "continued"],
    ["option", "f", "after a semicolon"],
    ["list", "g", ""],
  ]);
});

test("syntax errors tell the line and the rest is still read", () => {
  expect(
    problems(
      "option a 1\nconfig gateway 'lan'\n option dhcp\n optoin dhcp 1\nconfig a b c\nconfig gateway 'api'\n option port 0",
    ),
  ).toEqual([
    "line 1: option a stands before the first config line",
    "line 3: must be: option <name> '<value>'",
    'line 4: begins with "optoin"; allowed are config, option, list and package',
    "line 5: must be: config <type> '<name>'",
    "api.port = 0: must be a whole number from 1 to 65535",
  ]);
  expect(problems("config gateway 'lan'\n option interface 'eth1")).toEqual([
    "line 2: the quote ' is never closed",
  ]);
});

test("sections by name and by type, booleans in all spellings, lists, ports", () => {
  const outcome = parseConfig(
    `config gateway 'lan'
	option interface 'br-lan'
	option dhcp off
config wan
	option monitor '0'
	option change_delay '0.5'
config gateway 'discovery'
	list allow '02:00:5E:10:00:01'
	list allow '02:00:5e:*'
	option deny 'aa:bb:* cc:*'
config gateway 'forwards'
	option auto 'yes'
	list ports '8080:80,5000'
	list ports '5900'
`,
    path,
  );
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  const { lan, wan, discovery, forwards } = outcome.config;
  expect([lan.interface, lan.dhcp, wan.monitor, wan.change_delay, forwards.auto]).toEqual([
    "br-lan",
    false,
    false,
    500,
    true,
  ]);
  expect(discovery.allow).toEqual(["02:00:5e:10:00:01", "02:00:5e:*"]);
  expect(discovery.deny).toEqual(["aa:bb:*", "cc:*"]);
  expect(forwards.ports).toEqual([
    { port: 5900, devicePorts: [5900] },
    { port: 8080, devicePorts: [80, 5000] },
  ]);
});

test("unknown sections and options, wrong and repeated values", () => {
  expect(
    problems(`config gateway 'lna'
	option interface 'eth1'
config foo 'bar'
config gateway 'wan'
	option own_mac 'slient'
	option monitr '1'
	option monitor 'maybe'
	option monitor '1'
	list interface 'eth0'
config gateway 'forwards'
	list ports '8080:80'
	list ports '8080'
	list ports '1:2:3'
	list ports 'http:80'`),
  ).toEqual([
    "line 1: config gateway 'lna': no such section; did you mean [lan]?",
    "line 3: config foo 'bar': no such section; known sections: lan, wan, discovery, dhcpv4, dhcpv6, slaac, pacing, forwards, proxy, xlat464, api, log, hooks, state",
    "line 8: wan.monitor is given twice",
    "line 12: forwards.ports.8080 is given twice",
    'wan.own_mac = "slient": must be "silent" or "use"',
    'wan.monitor = "maybe": must be true or false',
    'wan.monitr = "1": no such key; did you mean wan.monitor?',
    'forwards.ports.1 = "1:2:3": must be a port, or a list of 1 to 16 ports, under a port of the gateway: all from 1 to 65535, as in 8080 = [80, 5000]',
    "forwards.ports.http = 80: must be a port, or a list of 1 to 16 ports, under a port of the gateway: all from 1 to 65535, as in 8080 = [80, 5000]",
  ]);
});

test("what is quoted comes back, whatever it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const text = `config a\n option x '${value.replaceAll("'", "'\\''")}'\n option y "${value.replace(/["\\]/g, "\\$&")}"`;
      const [section] = parseUci(text).sections;
      expect(section?.values.map((v) => v.value)).toEqual([value, value]);
    }),
    { numRuns: 500 },
  );
});

test.each(["\u00a0", "\u2003", "\u2028", "\u3000", "\ufeff", "\u0085"])(
  "blanks beyond ASCII are part of a word: %j between keyword and name is told, not read for ever",
  (space) => {
    expect(parseUci(`config a\n option${space}x 1\n option y ${space}`)).toMatchObject({
      sections: [{ values: [{ name: "y", value: space }] }],
      errors: [{ line: 2 }],
    });
  },
);

test("a blank that only looks like one is shown as what it is", () => {
  expect(problems("config gateway 'lan'\n option\u00a0interface 'eth1'")).toEqual([
    'line 2: begins with "option\\u{a0}interface"; allowed are config, option, list and package',
  ]);
});

test("parseUci never throws", () => {
  const part = fc.oneof(
    fc.string({ unit: "binary", maxLength: 10 }),
    fc.constantFrom("config ", "option ", "list ", "'", '"', "\\", "\n", ";", "#"),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      expect(parseUci(parts.join("")).sections.length).toBeLessThan(31);
    }),
    { numRuns: 2000 },
  );
});
