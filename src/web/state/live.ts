/** The line to the gateway: everything once, then what changes, as server-sent events; again and again when it is lost. */
import { signal } from "@preact/signals";
import { EventSourceParserStream } from "eventsource-parser/stream";
import type { DeviceJson } from "../../api/contract.ts";
import { ApiError, goodAnswer, token } from "./ask.ts";
import { waitBefore } from "./back-off.ts";
import { deviceChanged, deviceRemoved, fetchDevices, problems, showAll } from "./devices.ts";
import { type Answers, askForAll } from "./first-questions.ts";

/**
 * `connecting`: for the first time; `lost`: what is shown is old; `resting`: nobody looks at this tab;
 * `locked`: reading needs the token as well.
 */
export type Line = "connecting" | "live" | "lost" | "resting" | "locked";
export const line = signal<Line>("connecting");
/** Why it was lost, and when by the browser. */
export const loss = signal<{ readonly at: number; readonly why: string } | undefined>(undefined);

/** The gateway says every 15 s that it lives. */
const silenceMs = 40_000;
/** A tab that nobody looks at gives its place among the listeners back after this. */
const hiddenMs = 60_000;
/** Events do not tell when a device was seen. */
const refreshMs = 30_000;
/** The first list may have been made before the gateway began to tell. */
const sureMs = 1_500;

let current: AbortController | undefined;
let wake: (() => void) | undefined;

/** Does not wait any longer. */
export const tryNow = (): void => wake?.();

function heard(event: string | undefined, text: string): void {
  const data = JSON.parse(text);
  if (event === "device") deviceChanged(data as DeviceJson);
  else if (event === "device-removed") deviceRemoved((data as { mac_address: string }).mac_address);
  else problems.value = (data as { problems: readonly string[] }).problems;
}

/** Resolves or throws when the line has ended. */
async function listen({ controller, events, devices }: Answers): Promise<void> {
  const { signal: ends } = controller;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const alive = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => controller.abort(new ApiError(0, "Nothing is heard of it.")), silenceMs);
  };
  const refresh = setInterval(() => {
    if (!document.hidden) fetchDevices(ends).catch(() => {});
  }, refreshMs);
  let sure: ReturnType<typeof setTimeout> | undefined;
  try {
    alive();
    const shown = showAll(goodAnswer(devices, ends).then((answer) => answer.json()));
    // Heard of below; until then nobody does.
    shown.catch(() => {});
    const response = await goodAnswer(events, ends).catch(async (refused: unknown) => {
      // The list is shown all the same.
      await shown.catch(() => {});
      throw refused;
    });
    await shown;
    line.value = "live";
    loss.value = undefined;
    sure = setTimeout(() => void fetchDevices(ends).catch(() => {}), sureMs);
    const watch = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, out) {
        alive();
        out.enqueue(chunk);
      },
    });
    const told = response.body
      ?.pipeThrough(watch)
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
    const reader = told?.getReader();
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read())
      heard(next.value.event, next.value.data);
    throw new ApiError(0, "The gateway ended the connection.");
  } finally {
    clearTimeout(watchdog);
    clearInterval(refresh);
    clearTimeout(sure);
    controller.abort();
  }
}

/** Until the time is over, or something wakes it. */
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => wake?.(), ms);
    wake = () => {
      clearTimeout(timer);
      wake = undefined;
      resolve();
    };
  });

/** What the small program asked already; if that is late, it asks nothing. */
function takeEarly(): Answers | undefined {
  const { early } = globalThis;
  globalThis.early = "taken";
  return early === "taken" ? undefined : early;
}

/** Goes on for as long as the page is open. */
export async function stayConnected(): Promise<never> {
  watchVisibility();
  addEventListener("online", tryNow);
  token.subscribe(() => {
    if (line.peek() === "locked") tryNow();
  });
  for (let failures = 0; ; ) {
    try {
      const answers = takeEarly() ?? askForAll(token.peek());
      current = answers.controller;
      await listen(answers);
    } catch (thrown) {
      if (line.peek() === "live") failures = 0;
      tell(thrown);
    }
    const patient = line.peek() === "lost";
    await pause(patient ? waitBefore(++failures, Math.random()) : Number.POSITIVE_INFINITY);
  }
}

function tell(thrown: unknown): void {
  if (thrown instanceof ApiError && thrown.status === 401) line.value = "locked";
  else if (line.peek() !== "resting") {
    line.value = "lost";
    const why = thrown instanceof ApiError ? thrown.message : "The connection broke.";
    loss.value = { at: loss.peek()?.at ?? Date.now(), why };
  }
}

function watchVisibility(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(rest, hiddenMs);
    else if (line.peek() === "resting" || line.peek() === "lost") tryNow();
  });
}

function rest(): void {
  if (line.peek() !== "live") return;
  line.value = "resting";
  current?.abort();
}
