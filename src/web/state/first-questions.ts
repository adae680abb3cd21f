/** What a page asks for to show the devices and to stay right: without anything else, since a small program asks it before the rest is there. */

export interface Answers {
  /** Ends both of them. */
  readonly controller: AbortController;
  readonly events: Promise<Response>;
  /** Asked for at the same time, since each question takes a browser a tenth of a second: what changed in between may be in neither. */
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
  const ask = (path: string, signal: AbortSignal): Promise<Response> => {
    const answer = fetch(path, { cache: "no-store", headers: authorization(token), signal });
    // Whoever takes it hears of failures; until then nobody does.
    answer.catch(() => {});
    return answer;
  };
  const { signal } = controller;
  return {
    controller,
    devices: ask("/devices", AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])),
    events: ask("/events", signal),
  };
}
