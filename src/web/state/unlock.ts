/** Changes need the token: whoever has none yet is asked for it. */
import { signal } from "@preact/signals";
import { ApiError, ask, keepToken, type Question, token } from "./ask.ts";

interface Asking {
  readonly done: (given: boolean) => void;
}

/** Somebody is asked for the token. */
export const asking = signal<Asking | undefined>(undefined);

/** Resolves with whether there is a token now. */
export function haveToken(): Promise<boolean> {
  if (token.value !== "") return Promise.resolve(true);
  asking.value?.done(false);
  return new Promise((resolve) => {
    asking.value = {
      done: (given) => {
        asking.value = undefined;
        resolve(given);
      },
    };
  });
}

/** Keeps a token that the gateway takes; else says why not. A wrong one is refused at any request. */
export async function offerToken(text: string): Promise<string | undefined> {
  // What no header can carry is no token.
  if (!/^[\x21-\x7e]+$/.test(text)) return "A token has letters, digits and signs, and no spaces.";
  try {
    await ask("/health", { token: text });
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    return thrown.status === 401
      ? "This is not the gateway's token. Nothing was changed."
      : `The token could not be checked: ${thrown.message}`;
  }
  keepToken(text);
  asking.value?.done(true);
  return undefined;
}

/** Undefined: whoever was asked for the token gave none. Errors: ApiError. */
export async function change<T>(path: string, question: Question): Promise<T | undefined> {
  if (!(await haveToken())) return undefined;
  try {
    return await ask<T>(path, question);
  } catch (thrown) {
    // It is another one since.
    if (thrown instanceof ApiError && thrown.status === 401) keepToken("");
    throw thrown;
  }
}
