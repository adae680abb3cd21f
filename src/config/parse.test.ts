import fc from "fast-check";
import { expect, test } from "vitest";
import { seconds } from "../base/time.ts";
import { parseConfig, syntaxOf } from "./parse.ts";
import { configError } from "./problems.ts";
import { defaultConfig } from "./schema.ts";

const problems = (text: string, path = "gateway.toml"): readonly string[] => {
  const outcome = parseConfig(text, path);
  return outcome.ok ? [] : outcome.problems.map((p) => p.line);
};

test("an empty file is the default configuration", () => {
  expect(parseConfig("", "gateway.toml")).toEqual({ ok: true, config: defaultConfig() });
  expect(parseConfig("# nothing yet\n", "/etc/config/ipv4-ipv6-gateway")).toEqual({
    ok: true,
    config: defaultConfig(),
  });
});

test("values come out as base types", () => {
  const outcome = parseConfig(
    `[lan]\naddress = "10.0.0.1/20"\n[dhcpv4]\ntimeout = 0.5\n[discovery]\ndeny = ["02-00-5E-*"]\n[forwards.ports]\n2323 = 23\n80 = [80, 5000]`,
    "a.toml",
  );
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  expect(outcome.config.lan.address).toEqual({ ip: "10.0.0.1", length: 20 });
  expect(outcome.config.dhcpv4.timeout).toBe(seconds(0.5));
  expect(outcome.config.discovery.deny).toEqual(["02:00:5e:*"]);
  expect(outcome.config.forwards.ports).toEqual([
    { port: 80, devicePorts: [80, 5000] },
    { port: 2323, devicePorts: [23] },
  ]);
});

/** What a person reads, word for word. */
const golden: readonly (readonly [title: string, toml: string, ...lines: string[]])[] = [
  ["unknown key", '[lan]\nadress = "x"', 'lan.adress = "x": no such key; did you mean lan.address?'],
  [
    "swapped letters",
    "[dhcpv4]\nretrise = 3",
    "dhcpv4.retrise = 3: no such key; did you mean dhcpv4.retries?",
  ],
  [
    "a key outside its section",
    "poll_interval = 5",
    "poll_interval = 5: no such key; did you mean discovery.poll_interval?",
  ],
  [
    "a key of the original",
    'LAN_INTERFACE = "eth1"',
    'LAN_INTERFACE = "eth1": no such key; did you mean lan.interface?',
  ],
  ["unknown section", "[logg]", "logg = {  }: no such section; did you mean [log]?"],
  ["nothing like it", "[slaac]\nzzzzzz = 1", "slaac.zzzzzz = 1: no such key; [slaac] has ra_wait"],
  [
    "bad CIDR",
    '[lan]\naddress = "192.168.1.1"',
    'lan.address = "192.168.1.1": must be an IPv4 address with a prefix length of 18 to 30 (routing by device is laid out for a LAN of at most /18), such as "192.168.1.1/24"',
  ],
  [
    "network address",
    '[lan]\naddress = "192.168.1.0/24"',
    'lan.address = "192.168.1.0/24": must be the address of a host between the network address 192.168.1.0 and the broadcast address 192.168.1.255',
  ],
  [
    "address of no host",
    '[lan]\naddress = "127.0.0.1/24"',
    'lan.address = "127.0.0.1/24": must be an address that a host may have: not 0.0.0.0/8, 127.0.0.0/8, or 224.0.0.0 and above',
  ],
  [
    "LAN = WAN",
    '[lan]\ninterface = "eth0"',
    'lan.interface = "eth0": must differ from wan.interface, which is "eth0" too',
  ],
  [
    "an identity's name",
    '[wan]\ninterface = "gw02005e100001"',
    'wan.interface = "gw02005e100001": must be a network interface name: 1 to 15 letters, digits, "_", "." or "-", not beginning with "gw" (names of identities), not "lo", "all" or "default"',
  ],
  ["port 0", "[api]\nport = 0", "api.port = 0: must be a whole number from 1 to 65535"],
  ["wrong type", '[dhcpv4]\nretries = "10"', 'dhcpv4.retries = "10": must be a whole number from 1 to 20'],
  ["not whole", "[dhcpv4]\nretries = 2.5", "dhcpv4.retries = 2.5: must be a whole number from 1 to 20"],
  [
    "not a number",
    "[dhcpv4]\ntimeout = nan",
    "dhcpv4.timeout = NaN: must be a number of seconds from 0.1 to 120",
  ],
  [
    "negative time",
    "[wan]\nchange_delay = -1",
    "wan.change_delay = -1: must be a number of seconds from 0 to 300",
  ],
  ["unknown word", '[wan]\nown_mac = "slient"', 'wan.own_mac = "slient": must be "silent" or "use"'],
  [
    "one entry of a list",
    '[api]\nlisten = ["lan", "wan"]',
    'api.listen[1] = "wan": must be "lan" or "localhost"',
  ],
  [
    "one entry of a table",
    "[forwards.ports]\n8080 = [80, 99999]",
    "forwards.ports.8080 = [80, 99999]: must be a port, or a list of 1 to 16 ports, under a port of the gateway: all from 1 to 65535, as in 8080 = [80, 5000]",
  ],
  ["a value for a section", "lan = 5", "lan = 5: must be a section, [lan]"],
  [
    "pool beyond the LAN",
    '[lan]\naddress = "192.168.1.1/26"',
    "lan.dhcp_limit = 150: the DHCP pool must fit into the LAN: with lan.dhcp_start = 100 it ends at host 249, but 192.168.1.0/26 has hosts 1 to 62 (192.168.1.1 to 192.168.1.62); dhcp_start + dhcp_limit must be at most 63",
  ],
  [
    "forgotten before offline",
    "[discovery]\nforget_after = 10",
    "discovery.forget_after = 10: must be at least discovery.offline_after, which is 300",
  ],
  [
    "control characters",
    '[log]\nfile = "/a\\u001b[2Jb"',
    'log.file = "/a\\u001b[2Jb": must be an absolute path of at most 1024 characters, or ""',
  ],
  [
    "a directory that other programs' files could not name",
    "[state]\ndirectory = '/a \"b'",
    'state.directory = "/a \\"b": must be an absolute path of at most 1024 characters: letters of ASCII, digits, "/", ".", "_", "+", "@", "~" or "-"',
  ],
  ["TOML syntax", '[lan]\ninterface = "a', "line 2, column 13: not valid TOML: unfinished string"],
  [
    "TOML key twice",
    "[lan]\ndhcp = true\ndhcp = false",
    "line 3, column 1: not valid TOML: trying to redefine an already defined table or value",
  ],
];

test.each(golden)("%s", (_title, toml, ...lines) => {
  expect(problems(toml)).toEqual(lines);
});

test("all problems are told, and a wrong setting takes no part in checks between settings", () => {
  const found = problems(
    '[lan]\ninterface = "bad name"\nx = 1\n[wan]\ninterface = "eth1"\n[api]\nport = 0\n[proxy]\nstats_port = 5050\n[discovery]\nforget_after = 1',
  );
  expect(found.map((line) => line.split(" = ")[0])).toEqual([
    "lan.interface",
    "lan.x",
    "api.port",
    "discovery.forget_after",
  ]);
});

test("the pool may end at the last host and need not fit without DHCP", () => {
  expect(problems('[lan]\naddress = "10.0.0.1/26"\ndhcp_start = 10\ndhcp_limit = 53')).toEqual([]);
  expect(problems('[lan]\naddress = "10.0.0.1/26"\ndhcp_start = 10\ndhcp_limit = 54')).toHaveLength(1);
  expect(problems('[lan]\naddress = "10.0.0.1/26"\ndhcp = false')).toEqual([]);
  expect(problems('[lan]\naddress = "10.0.0.1/18"')).toEqual([]);
  expect(problems('[lan]\naddress = "10.0.0.1/17"')).toHaveLength(1);
});

test("long values and keys are cut", () => {
  const [line = ""] = problems(`[log]\nfile = "${"x".repeat(500)}"`);
  expect(line.length).toBeLessThan(160);
  const [other = ""] = problems(`${"k".repeat(500)} = 1`);
  expect(other.split(":")[0]?.length).toBeLessThan(60);
});

test("no key reaches the prototype of an object", () => {
  for (const toml of [
    "__proto__ = 1",
    "[lan]\n__proto__ = 1",
    "[forwards.ports]\n__proto__ = 1",
    "[constructor]",
  ]) {
    expect(problems(toml).length, toml).toBeGreaterThan(0);
  }
  expect(
    problems("config gateway '__proto__'\n option x 1\nconfig lan\n option __proto__ 1", "x"),
  ).toHaveLength(2);
});

test("path, then content decide the syntax", () => {
  expect(syntaxOf("config lan", "a.toml")).toBe("toml");
  expect(syntaxOf("", "/etc/config/ipv4-ipv6-gateway")).toBe("uci");
  expect(syntaxOf("\n  config gateway 'lan'\n", "/tmp/x")).toBe("uci");
  expect(syntaxOf("config = 1", "/tmp/x")).toBe("toml");
  expect(syntaxOf("[lan]", "/tmp/x")).toBe("toml");
});

test("the error has a stable code and lists everything", () => {
  const outcome = parseConfig("[api]\nport = 0\nx = 1", "a.toml");
  if (outcome.ok) throw new Error("accepted");
  const error = configError("/etc/g.toml", outcome.problems);
  expect([error.code, error.actor]).toEqual(["config-invalid", "operator"]);
  expect(error.message).toBe(
    "/etc/g.toml: 2 problems in the configuration\n  api.port = 0: must be a whole number from 1 to 65535\n  api.x = 1: no such key; [api] has enabled, listen, port, open_reading, device_metrics, token_file",
  );
});

const fragment = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    ..."[lan]|[forwards.ports]|interface = |address = |config gateway 'lan'|option |list |ports|'|\"|\\|=|1|\n|#|[[|{|}|__proto__|true".split(
      "|",
    ),
  ),
);

test("parseConfig never throws, and a refusal has at least one problem, each on one printable line", () => {
  fc.assert(
    fc.property(
      fc.array(fragment, { maxLength: 20 }),
      fc.constantFrom("a.toml", "/etc/config/x", "x"),
      (parts, path) => {
        const outcome = parseConfig(parts.join(""), path);
        if (outcome.ok) return;
        expect(outcome.problems.length).toBeGreaterThan(0);
        for (const { line } of outcome.problems) expect(line).not.toMatch(/\p{Cc}/u);
      },
    ),
    { numRuns: 3000 },
  );
});
