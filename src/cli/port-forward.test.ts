import { beforeEach, expect, test } from "vitest";
import type { ForwardStore } from "../config/forwards-edit.ts";
import { defaultConfig } from "../config/schema.ts";
import { forwardAdd, forwardList, forwardQuick, forwardRemove } from "./port-forward.ts";

const config = defaultConfig();
const options = { json: false, width: 80, color: false };
let file: string | undefined;
let said: string;

const store: ForwardStore = {
  load: async () => file,
  save: async (text) => {
    file = text;
  },
  listening: async () => new Map([["TCP port 22", "sshd, which listens there on this machine"]]),
};
const output = {
  out: (text: string) => {
    said += text;
  },
};
const args = (gatewayPort: string, address = "192.168.1.100", port = "80", udp = false) => ({
  gatewayPort,
  address,
  port,
  udp,
});

beforeEach(() => {
  file = undefined;
  said = "";
});

test("quick-device as the original's document shows, twice", async () => {
  await forwardQuick(config, store, "192.168.1.100", output);
  await forwardQuick(config, store, "192.168.1.100", output);
  await forwardList(store, options, output);
  expect(said).toMatchInlineSnapshot(`
    "TCP port 8080 leads to 192.168.1.100:80
    TCP port 2323 leads to 192.168.1.100:23
    TCP port 8443 leads to 192.168.1.100:443
    TCP port 2222 leads to 192.168.1.100:22
    at 192.168.1.1 on the LAN, and at the device's own addresses on the WAN
    TCP port 8080 leads to 192.168.1.100:80 already
    TCP port 2323 leads to 192.168.1.100:23 already
    TCP port 8443 leads to 192.168.1.100:443 already
    TCP port 2222 leads to 192.168.1.100:22 already
    at 192.168.1.1 on the LAN, and at the device's own addresses on the WAN
    PORT      DEVICE         ITS PORT
    8080/tcp  192.168.1.100  80
    2323/tcp  192.168.1.100  23
    8443/tcp  192.168.1.100  443
    2222/tcp  192.168.1.100  22
    "
  `);
});

test("all of quick-device or nothing", async () => {
  await forwardAdd(config, store, args("8443", "192.168.1.9", "443"), output);
  const before = file;
  await expect(forwardQuick(config, store, "192.168.1.100", output)).rejects.toThrow(
    "TCP port 8443 is taken by the forward to 192.168.1.9:443; remove it first",
  );
  expect(file).toBe(before);
});

test.each([
  ["22", false, "TCP port 22 is taken by sshd, which listens there on this machine"],
  ["53", true, "UDP port 53 is taken by the gateway's name server"],
  ["68", true, "UDP port 68 is taken by DHCP"],
  ["5050", false, "TCP port 5050 is taken by the gateway's API (api.port)"],
  ["8404", false, "TCP port 8404 is taken by the proxy's statistics page (proxy.stats_port)"],
])("port %s (UDP: %s) is refused", async (port, udp, error) => {
  await expect(
    forwardAdd(config, store, args(port, "192.168.1.100", "80", udp), output),
  ).rejects.toMatchObject({ code: "forward-refused", message: error });
});

test("what makes no sense is wrong usage", async () => {
  await expect(forwardAdd(config, store, args("x;y"), output)).rejects.toMatchObject({ code: "usage" });
  expect(file).toBeUndefined();
});

test("removed, and a damaged file named", async () => {
  await forwardAdd(config, store, args("8081"), output);
  await forwardRemove(store, args("8081"), output);
  await forwardList(store, { ...options, json: true }, output);
  expect(said).toContain('"total": 0');
  file = "{";
  await expect(forwardList(store, options, output)).rejects.toThrow(
    "the file of forwards cannot be used: not JSON",
  );
});
