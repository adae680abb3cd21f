import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ApiClient } from "./api-client.ts";
import type { ServerEvent } from "./server-events.ts";

const directory = mkdtempSync(join(tmpdir(), "api-client-"));
const socket = join(directory, "api.sock");
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(socket, { force: true });
});

async function serve(listener: RequestListener, place: string | number): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) =>
    typeof place === "string" ? server.listen(place, resolve) : server.listen(place, "127.0.0.1", resolve),
  );
  const address = server.address() as AddressInfo | string;
  return typeof address === "string" ? 0 : address.port;
}

const answer =
  (status: number, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status, { "Content-Type": "application/json" }).end(body);

const client = (port = 1, limits = {}) =>
  new ApiClient({ socket, addresses: ["192.0.2.1", "127.0.0.1"], port }, limits);

test("it asks by the Unix socket, and says what it is asked for", async () => {
  await serve((request, response) => {
    response.end(JSON.stringify([request.method, request.url, request.headers.host]));
  }, socket);
  expect(await client().get("/devices?status=failed")).toEqual([
    "GET",
    "/devices?status=failed",
    "localhost",
  ]);
  expect(await client().change("DELETE", "/devices/x")).toEqual(["DELETE", "/devices/x", "localhost"]);
});

test("without the socket it reads by TCP at this machine's own addresses, and changes nothing there", async () => {
  const port = await serve(answer(200, "[1]"), 0);
  expect(await client(port).get("/devices")).toEqual([1]);
  await expect(client(port).change("POST", "/devices/x/retry")).rejects.toMatchObject({ code: "api-silent" });
});

test("nobody answers", async () => {
  await expect(client().get("/status")).rejects.toMatchObject({
    code: "api-silent",
    message: `no gateway answers at ${socket}`,
    hint: "gateway status --direct needs no daemon",
  });
});

test.each([
  [answer(404, '{"error":"there is no device x"}'), "api-refused", "there is no device x"],
  [answer(500, "oops"), "api-refused", "HTTP status 500"],
  [answer(200, "<html>"), "api-failed", "what answers is no gateway: it does not speak JSON"],
  [answer(200, `"${"x".repeat(2000)}"`), "api-failed", "an answer of more than 1000 octets"],
  [() => {}, "api-failed", "the gateway does not answer within 0.2 s"],
  [
    ((_, response) => {
      response.write("[1,");
      setTimeout(() => response.destroy(), 20);
    }) satisfies RequestListener,
    "api-failed",
    "the gateway's answer broke off: aborted",
  ],
] as const)("an answer that is none: case %#", async (listener, code, message) => {
  await serve(listener, socket);
  const asked = client(1, { timeoutMs: 200, longestAnswer: 1000 }).get("/status");
  await expect(asked).rejects.toMatchObject({ code, message });
});

test("events come as they are sent, in whatever pieces; the end of the stream ends it", async () => {
  await serve((_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write('event: hello\ndata: {"a":');
    setTimeout(() => response.end("1}\n\n: alive\n\nevent: bad\ndata: {\n\nevent: two\ndata: 2\n\n"), 20);
  }, socket);
  const heard: ServerEvent[] = [];
  await client().events("/events", (event) => heard.push(event), new AbortController().signal);
  expect(heard).toEqual([
    { event: "hello", data: { a: 1 } },
    { event: "two", data: 2 },
  ]);
});

test("a stream that falls silent is given up, and one that is ended ends", async () => {
  await serve((_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(": alive\n\n");
  }, socket);
  const quiet = client(1, { silenceMs: 50 }).events("/events", () => {}, new AbortController().signal);
  await expect(quiet).rejects.toMatchObject({ code: "api-failed" });
  const controller = new AbortController();
  const ended = client().events("/events", () => {}, controller.signal);
  setTimeout(() => controller.abort(), 20);
  await expect(ended).rejects.toThrow();
});
