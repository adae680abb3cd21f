import { beforeEach, expect, test } from "vitest";
import { configSchema, defaultConfig } from "../config/schema.ts";
import { inboundDisable, inboundEnable, inboundStatus } from "./ipv6-forward.ts";

const config = defaultConfig();
const allOpen = configSchema.parse({ forwards: { inbound: "all" } });
const options = { json: false, width: 80, color: false };
let file: string | undefined;
let writes: number;
let said: string;

const store = {
  load: async () => file,
  save: async (text: string) => {
    file = text;
    writes++;
  },
};
const output = {
  out: (text: string) => {
    said += text;
  },
};
const enable = (address: string, ...from: string[]) =>
  inboundEnable(config, store, { address, from }, output);

beforeEach(() => {
  file = undefined;
  writes = 0;
  said = "";
});

test("enabled twice, shown, and disabled twice", async () => {
  await enable("192.168.1.100", "2001:db8:7::/48", "192.0.2.7");
  await enable("192.168.1.100", "2001:db8:7::/48", "192.0.2.7");
  await enable("192.168.1.101");
  await inboundStatus(config, store, options, output);
  await inboundDisable(config, store, "192.168.1.100", output);
  await inboundDisable(config, store, "192.168.1.100", output);
  expect(said).toMatchInlineSnapshot(`
    "Every TCP and UDP port of 192.168.1.100 and ping are open to 2001:db8:7::/48, 192.0.2.7
    at the device's own addresses on the WAN, of both families
    Every TCP and UDP port of 192.168.1.100 and ping are open already to 2001:db8:7::/48, 192.0.2.7
    at the device's own addresses on the WAN, of both families
    Every TCP and UDP port of 192.168.1.101 and ping are open to everybody
    at the device's own addresses on the WAN, of both families
    DEVICE         OPEN                 TO
    192.168.1.100  every port and ping  2001:db8:7::/48 192.0.2.7
    192.168.1.101  every port and ping  everybody
    All other devices: listed ports only
    Only listed ports lead to 192.168.1.100 from now on
    Only listed ports lead to 192.168.1.100 already
    "
  `);
  expect(writes).toBe(3);
  said = "";
  await inboundStatus(config, store, { ...options, json: true }, output);
  expect(JSON.parse(said)).toEqual({
    default: "ports",
    total: 1,
    devices: [{ address: "192.168.1.101", inbound: "all", from: [] }],
  });
});

test("where all are open, one is closed by a word of its own", async () => {
  await inboundDisable(allOpen, store, "192.168.1.100", output);
  expect(file).toContain('"inbound": "ports"');
  await inboundEnable(allOpen, store, { address: "192.168.1.100", from: [] }, output);
  expect(JSON.parse(file ?? "")).toEqual({ version: 1, devices: [] });
});

test.each([
  ["192.0.2.9", [], "forward-refused", "192.0.2.9 is not inside the LAN 192.168.1.0/24"],
  ["192.168.1.1", [], "forward-refused", "192.168.1.1 is the gateway itself"],
  ["camera", [], "usage", "is not an IPv4 address such as 192.168.1.100"],
  ["192.168.1.9", ["2001:db8::1/64"], "usage", "2001:db8::/64 may be meant"],
  ["192.168.1.9", ["nobody"], "usage", "is not a network such as 192.0.2.0/24, 2001:db8::/32 or 192.0.2.7"],
])("%s from %j is refused", async (address, from, code, message) => {
  await expect(enable(address, ...from)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
  expect(file).toBeUndefined();
});

test("a damaged file is named and left alone", async () => {
  file = "{";
  await expect(enable("192.168.1.9")).rejects.toThrow("the file of open devices cannot be used: not JSON");
  expect(file).toBe("{");
});
