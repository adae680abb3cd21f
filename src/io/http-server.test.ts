import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, expect, test } from "vitest";
import { type HttpPlace, HttpServer } from "./http-server.ts";

const directory = mkdtempSync(join(tmpdir(), "http-server-"));
afterAll(() => rmSync(directory, { recursive: true }));

const open: HttpServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function serve(place: HttpPlace) {
  const troubles: (string | undefined)[] = [];
  let asked = 0;
  const server = new HttpServer({
    place,
    onTrouble: (sentence) => troubles.push(sentence),
    fetch: async () => {
      asked++;
      return new Response("hello");
    },
  });
  open.push(server);
  await server.start();
  return { troubles, asked: () => asked };
}

const get = "GET / HTTP/1.1\r\nHost: x\r\n";

function talk(path: string, said: string): Promise<string> {
  const socket = connect(path);
  socket.write(said);
  return text(socket);
}

test("a Unix socket is its owner's alone, also where a crash left one", async () => {
  const path = join(directory, "a.sock");
  const umask = process.umask();
  await serve({ path });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(process.umask()).toBe(umask);
  expect(await talk(path, `${get}Connection: close\r\n\r\n`)).toContain("hello");
});

test("requests that do not wait for their answers end the connection", async () => {
  const path = join(directory, "b.sock");
  const { asked } = await serve({ path });
  const answers = await talk(path, `${get}\r\n`.repeat(100));
  expect(answers.match(/hello/g)?.length ?? 0).toBeLessThanOrEqual(1);
  expect(asked()).toBeLessThanOrEqual(1);
});

test("a place that cannot be had is told once, and the rest goes on", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const { troubles } = await serve({ address: "127.0.0.1", port });
  expect(troubles).toEqual([
    expect.stringContaining(`cannot listen on 127.0.0.1:${port}: listen EADDRINUSE`),
  ]);
  await new Promise((resolve) => other.close(resolve));

  const path = join(directory, "c.sock");
  mkdirSync(path);
  expect((await serve({ path })).troubles).toEqual([expect.stringContaining(`cannot listen on ${path}`)]);
});

test("addresses that this machine does not have are no trouble where they may be missing", async () => {
  const place = { address: "203.0.113.99", port: 5050 };
  expect((await serve(place)).troubles).toHaveLength(1);
  expect((await serve({ ...place, optional: true })).troubles).toEqual([]);
});
