/** Reads server-sent events as the gateway's own API sends them: the data is JSON. */
import type { Readable } from "node:stream";
import { createParser } from "eventsource-parser";

export interface ServerEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Characters of one event. */
const longestEvent = 1024 * 1024;

/** Calls back with each event; resolves when the stream ends. What is no JSON is passed over. */
export async function readEvents(stream: Readable, onEvent: (event: ServerEvent) => void): Promise<void> {
  const parser = createParser({
    maxBufferSize: longestEvent,
    onEvent: ({ event = "message", data }) => {
      const value = jsonOf(data);
      if (value !== undefined) onEvent({ event, data: value });
    },
  });
  stream.setEncoding("utf8");
  for await (const text of stream as AsyncIterable<string>) parser.feed(text);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
