import { expect, test } from "vitest";
import { readLine } from "./scan.ts";

test("what answered is told, what is filtered is not", () => {
  const ports =
    "22/open/tcp//ssh///, 80/closed/tcp//http///, 81/filtered/tcp/////, 53/open|filtered/udp//domain///";
  expect(readLine(`Host: 198.51.100.2 ()\tPorts: ${ports}\tIgnored State: filtered (65532)`)).toEqual([
    { address: "198.51.100.2", port: 22, protocol: "tcp", state: "open" },
    { address: "198.51.100.2", port: 80, protocol: "tcp", state: "closed" },
  ]);
});

test("other lines tell nothing", () => {
  expect(readLine("Host: 198.51.100.2 ()\tStatus: Up")).toEqual([]);
  expect(readLine("# Nmap done at Tue Nov 24 -- 1 IP address (1 host up) scanned in 4.61 seconds")).toEqual(
    [],
  );
});
