/** Requests to the gateway's API, with the token where there is one. */
import { signal } from "@preact/signals";
import { learnClock } from "../times.ts";
import { authorization, patienceMs, tokenStore } from "./first-questions.ts";

/** What the API refused, in its own words; status 0: it did not answer. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Of this browser tab alone; empty: none. */
export const token = signal(sessionStorage.getItem(tokenStore) ?? "");

export function keepToken(text: string): void {
  token.value = text;
  if (text === "") sessionStorage.removeItem(tokenStore);
  else sessionStorage.setItem(tokenStore, text);
}

export interface Question {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  /** Instead of the one that is kept. */
  readonly token?: string;
  readonly signal?: AbortSignal;
}

/** The answer's head; its body is still to be read. Errors: ApiError for whatever is no good answer. */
export function open(path: string, question: Question = {}): Promise<Response> {
  const { method = "GET", body, token: given = token.value, signal: ends } = question;
  const answer = fetch(path, {
    method,
    cache: "no-store",
    headers: {
      ...authorization(given),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(ends ? { signal: ends } : {}),
  });
  return goodAnswer(answer, ends);
}

/** The same of a question that was asked already. */
export async function goodAnswer(answer: Promise<Response>, ends?: AbortSignal): Promise<Response> {
  const response = await answer.catch((thrown: unknown) => {
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
