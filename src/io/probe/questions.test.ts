import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { askDns } from "./questions.ts";

const open: ReturnType<typeof createSocket>[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** A server that answers every question with this code, or not at all; as `address:port`. */
async function server(code: number | undefined): Promise<{ at: string; heard: () => number }> {
  const socket = createSocket("udp4");
  open.push(socket);
  let questions = 0;
  socket.on("message", (question, from) => {
    questions++;
    if (code === undefined) return;
    const answer = Uint8Array.from(question);
    answer.set([0x81, 0x80 | code], 2);
    socket.send(answer, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { at: `127.0.0.1:${(socket.address() as AddressInfo).port}`, heard: () => questions };
}

test.each([
  ["knows nothing of the name", 3],
  ["fails", 2],
  ["refuses", 5],
])("a name server that %s answers", async (_, code) => {
  const { at, heard } = await server(code);
  expect(await askDns(at, 1_000)).toBeUndefined();
  expect(heard()).toBeGreaterThan(0);
});

test("one that is silent was asked, and does not", async () => {
  const { at, heard } = await server(undefined);
  expect(await askDns(at, 300)).toMatch(/^no answer/);
  expect(heard()).toBeGreaterThan(0);
});

test("what is no address is told", async () => {
  expect(await askDns("nonsense", 300)).toMatch(/nonsense/);
});
