import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { ask, systemRuntimeSockets } from "./runtime-socket.ts";

const directory = mkdtempSync(join(tmpdir(), "runtime-socket-"));
const path = join(directory, "socket");
let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Answers each connection's first data. */
async function serve(answer: (text: string, socket: Socket) => void): Promise<void> {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (data) => answer(String(data), socket));
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));
}

const limits = { timeoutMs: 200, longestAnswer: 1000 };

it("sends one line and gives the whole answer, in whatever pieces it comes", async () => {
  await serve((text, socket) => {
    socket.write(`you said ${text}`);
    setTimeout(() => socket.end("and that was äll\n"), 30);
  });
  expect(await systemRuntimeSockets.ask(path, "show info")).toBe("you said show info\nand that was äll\n");
});

it("closes its side after the line, because some wait for that", async () => {
  await serve((_, socket) => socket.on("end", () => socket.end("good bye\n")));
  expect(await ask(path, "x", limits)).toBe("good bye\n");
});

it("says that nobody listens: no socket, or one that is left over", async () => {
  await expect(ask(join(directory, "none"), "x", limits)).rejects.toMatchObject({ code: "socket-closed" });
});

it("does not wait for ever, nor take any amount", async () => {
  await serve((text, socket) => {
    if (text === "much\n") for (let n = 0; n < 20; n++) socket.write("a".repeat(100));
  });
  await expect(ask(path, "silence", limits)).rejects.toMatchObject({
    code: "socket-failed",
    message: `${path}: no answer within 200 ms`,
  });
  await expect(ask(path, "much", limits)).rejects.toThrow("more than 1000 octets");
});

it("names what is no socket", async () => {
  const file = join(directory, "file");
  writeFileSync(file, "");
  await expect(ask(file, "x", limits)).rejects.toMatchObject({ code: "socket-closed" });
});
