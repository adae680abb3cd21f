/** Requests to the gateway's API, with the token where there is one. */
import { signal } from "@preact/signals";
import { learnClock } from "../times.ts";

/** What the API refused, in its own words; status 0: it did not answer. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const store = "token";
/** Of this browser tab alone; empty: none. */
export const token = signal(sessionStorage.getItem(store) ?? "");

export function keepToken(text: string): void {
  token.value = text;
  if (text === "") sessionStorage.removeItem(store);
  else sessionStorage.setItem(store, text);
}

export interface Question {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  /** Instead of the one that is kept. */
  readonly token?: string;
  readonly signal?: AbortSignal;
}

const patienceMs = 10_000;

/** The answer's head; its body is still to be read. Errors: ApiError for whatever is no good answer. */
export async function open(path: string, question: Question = {}): Promise<Response> {
  const { method = "GET", body, token: given = token.value, signal: ends } = question;
  const response = await fetch(path, {
    method,
    cache: "no-store",
    headers: {
      ...(given === "" ? {} : { Authorization: `Bearer ${given}` }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(ends ? { signal: ends } : {}),
  }).catch((thrown: unknown) => {
    if (ends?.aborted && ends.reason?.name !== "TimeoutError") throw thrown;
    throw new ApiError(0, "The gateway does not answer.");
  });
  learnClock(response.headers.get("Date"));
  if (!response.ok) throw new ApiError(response.status, await complaintOf(response));
  return response;
}

async function complaintOf(response: Response): Promise<string> {
  const said = (await response.json().catch(() => undefined)) as { error?: unknown } | undefined;
  return typeof said?.error === "string" ? said.error : `The gateway answered ${response.status}.`;
}

/** Errors: as `open`; also after ten seconds. */
export async function ask<T>(path: string, question: Question = {}): Promise<T> {
  const patience = AbortSignal.timeout(patienceMs);
  const ends = question.signal ? AbortSignal.any([question.signal, patience]) : patience;
  const response = await open(path, { ...question, signal: ends });
  return (await response.json()) as T;
}
