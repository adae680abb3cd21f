import { expect, test } from "vitest";
import { parseIp4 } from "../base/ip4.ts";
import { must } from "../base/parsed.ts";
import {
  addForward,
  type ManualForward,
  parseDeviceAddress,
  parseForwardsFile,
  parsePort,
  removeForward,
  renderForwardsFile,
} from "./forwards-file.ts";

const lan = { ip: must(parseIp4("192.168.1.1")), length: 24 };
const forward = (port: number, address = "192.168.1.20", target = 80): ManualForward => ({
  protocol: "tcp",
  port,
  address: must(parseIp4(address)),
  target,
});
const none = new Map<string, string>();

test("what is written is read again", () => {
  const list = [forward(8081), { ...forward(5353, "192.168.1.21", 53), protocol: "udp" as const }];
  expect(parseForwardsFile(renderForwardsFile(list))).toEqual({ ok: true, value: list });
});

test("the same once more changes nothing; another device or port is refused, and the holder named", () => {
  const list = must(addForward([], forward(8081), lan, none));
  expect(must(addForward(list, forward(8081), lan, none))).toBe(list);
  expect(addForward(list, forward(8081, "192.168.1.21"), lan, none)).toEqual({
    ok: false,
    error: "TCP port 8081 is taken by the forward to 192.168.1.20:80; remove it first",
  });
  expect(addForward(list, { ...forward(8081), protocol: "udp" }, lan, none).ok).toBe(true);
  const holders = new Map([["TCP port 22", "sshd"]]);
  expect(addForward(list, forward(22), lan, holders)).toMatchObject({
    error: "TCP port 22 is taken by sshd",
  });
});

test.each([
  ["10.0.0.1", "10.0.0.1 is not inside the LAN 192.168.1.0/24"],
  ["192.168.1.1", "192.168.1.1 is the gateway itself"],
  ["192.168.1.0", "192.168.1.0 is not a host of the LAN 192.168.1.0/24"],
  ["192.168.1.255", "192.168.1.255 is not a host of the LAN 192.168.1.0/24"],
])("no forward to %s", (address, error) => {
  expect(addForward([], forward(8081, address), lan, none)).toEqual({ ok: false, error });
});

test("only what is there is removed", () => {
  const list = [forward(8081)];
  expect(must(removeForward(list, forward(8081)))).toEqual([]);
  expect(removeForward(list, forward(8082))).toMatchObject({ error: "there is no forward of TCP port 8082" });
  expect(removeForward(list, forward(8081, "192.168.1.21"))).toMatchObject({
    error: "TCP port 8081 leads to 192.168.1.20:80, not to 192.168.1.21:80",
  });
});

const hostile = [
  "$(reboot)",
  "`id`",
  "80; rm -rf /",
  "80\n",
  "'",
  '"',
  "８０",
  "-1",
  "0",
  "65536",
  "1e3",
  "9".repeat(10_000),
];

test.each(hostile)("%j is neither port nor address, and the error stays short", (text) => {
  for (const parsed of [parsePort(text), parseDeviceAddress(text)]) {
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.error.length).toBeLessThan(300);
    if (!parsed.ok) expect(parsed.error).not.toContain("\n");
  }
});

test.each([
  ["", "not JSON"],
  ["[]", "the file is"],
  ['{"version":2,"forwards":[]}', "version is 2"],
  [
    '{"version":1,"forwards":[{"protocol":"icmp","port":1,"address":"192.168.1.2","target":1}]}',
    "protocol is",
  ],
  ['{"version":1,"forwards":[{"protocol":"tcp","port":0,"address":"192.168.1.2","target":1}]}', "port is 0"],
  ['{"version":1,"forwards":[{"protocol":"tcp","port":1,"address":"$(id)","target":1}]}', "address is"],
  [
    '{"version":1,"forwards":[{"protocol":"tcp","port":1,"address":"192.168.1.2","target":1,"x":1}]}',
    "which no forward",
  ],
])("the file %s is refused in one line", (text, error) => {
  const parsed = parseForwardsFile(text);
  expect(parsed.ok).toBe(false);
  if (!parsed.ok) expect(parsed.error).toContain(error);
  if (!parsed.ok) expect(parsed.error).not.toContain("\n");
});

test("one port twice in a file is refused", () => {
  const text = renderForwardsFile([forward(8081), forward(8081, "192.168.1.21")]);
  expect(parseForwardsFile(text)).toEqual({ ok: false, error: "TCP port 8081 is there twice" });
});
