import { expect, test } from "vitest";
import { deviceLink, devicesLink, parseRoute } from "./routes.ts";

const mac = "02:00:5e:10:00:01";

test.each([
  ["", { page: "devices" }],
  ["#", { page: "devices" }],
  [devicesLink, { page: "devices" }],
  ["#/devices", { page: "devices" }],
  [deviceLink(mac), { page: "device", mac }],
  ["#/devices/02-00-5E-10-00-01", { page: "device", mac }],
  ["#/devices/nonsense", { page: "unknown" }],
  [`#/devices/${mac}/more`, { page: "unknown" }],
  ["#/network", { page: "network" }],
  ["#/health", { page: "health" }],
  ["#/forwards", { page: "forwards" }],
  ["#/forwards/1", { page: "unknown" }],
  ["#/else", { page: "unknown" }],
])("%s", (hash, expected) => {
  expect(parseRoute(hash)).toEqual(expected);
});
