import { createServer } from "node:net";
import { expect, it } from "vitest";
import { listeners, parseListening } from "./listeners.ts";

it("names who listens where, of both families, and nobody else", async () => {
  const servers = await Promise.all(
    ["127.0.0.1", "::1"].map(
      (host) =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, host, () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  const program = expect.stringMatching(/./);
  const found = await listeners(new Set(ports));
  expect(found).toEqual([
    { address: "127.0.0.1", port: ports[0], pid: process.pid, program },
    { address: "::1", port: ports[1], pid: process.pid, program },
  ]);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  expect(await listeners(new Set(ports))).toEqual([]);
});

it("reads the kernel's table: listening sockets only", () => {
  const table =
    "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
    "   0: 00000000000000000000000001000000:F001 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 6147990 1 0 0 100 0 0 10 0\n" +
    "   1: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1 0 0 100 0 0 10 0\n" +
    "   2: B80D01200000000000000000A1000000:1F90 B80D0120000000000000000099000000:A0F2 01 00000000:00000000 00:00000000 00000000     0        0 888 1 0 0 20 4 30 10 -1\n";
  expect(parseListening(table)).toEqual([
    { address: "::1", port: 61_441, inode: "6147990" },
    { address: "::", port: 22, inode: "777" },
  ]);
});
