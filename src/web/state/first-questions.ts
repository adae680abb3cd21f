/** What a page asks for to show the devices and to stay right: without anything else, since a small program asks it before the rest is there. */

export interface Answers {
  /** Ends both of them. */
  readonly controller: AbortController;
  readonly events: Promise<Response>;
  /** Asked for once the events are on their way: what changes after that is told. Asked for also where they are refused. */
  readonly devices: Promise<Response>;
}

export const patienceMs = 10_000;

/** Where the token is kept: in this browser tab alone. */
export const tokenStore = "token";

/** As the gateway wants it; "" is none. */
export const authorization = (token: string): Readonly<Record<string, string>> =>
  token === "" ? {} : { Authorization: `Bearer ${token}` };

export function askForAll(token: string): Answers {
  const controller = new AbortController();
  const question = { cache: "no-store", headers: authorization(token) } as const;
  const events = fetch("/events", { ...question, signal: controller.signal });
  const devices = events.then(() => {
    const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(patienceMs)]);
    return fetch("/devices", { ...question, signal });
  });
  // Whoever takes them hears of failures; until then nobody does.
  for (const answer of [events, devices]) answer.catch(() => {});
  return { controller, events, devices };
}
