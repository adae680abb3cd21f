/** A program of its own, which asks while the rest of the page is read. */
import { type Answers, askForAll, tokenStore } from "./state/first-questions.ts";

declare global {
  /** Until the page takes them, or asks itself. */
  var early: Answers | "taken" | undefined;
}

globalThis.early ??= askForAll(sessionStorage.getItem(tokenStore) ?? "");
