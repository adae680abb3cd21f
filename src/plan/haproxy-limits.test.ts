import { expect, it } from "vitest";
import { haproxyConnections, mapsId, parseOpenFiles } from "./haproxy-limits.ts";

it.each([
  [1000, 524_288, 8000],
  [1000, 20_000, 7080],
  [1, 524_288, 2000],
  [100, 1024, 209],
  [1000, Number.POSITIVE_INFINITY, 8000],
  [1000, 1024, 50],
  [1000, 200, 50],
])("%i devices with a limit of %i files: %i connections", (devices, files, connections) => {
  expect(haproxyConnections(devices, files)).toBe(connections);
});

it("reads the hard limit of open files", () => {
  const limits =
    "Limit                     Soft Limit           Hard Limit           Units     \n" +
    "Max processes             95000                95000                processes \n" +
    "Max open files            1024                 20000                files     \n";
  expect(parseOpenFiles(limits)).toBe(20_000);
  expect(parseOpenFiles("Max open files            unlimited            unlimited            files")).toBe(
    Number.POSITIVE_INFINITY,
  );
});

it("knows which users there are in a user namespace", () => {
  expect(mapsId("         0          0 4294967295\n", 65_534)).toBe(true);
  expect(mapsId("         0       1000          1\n", 65_534)).toBe(false);
  expect(mapsId("         0       1000          1\n         1     100000      65535\n", 65_534)).toBe(true);
  expect(mapsId("", 65_534)).toBe(false);
});
