/** The outcome of reading something a stranger wrote: the value, or one sentence that says what was wrong. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

export const valid = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const invalid = (error: string): Parsed<never> => ({ ok: false, error });

/** The value, or undefined where the reason is of no interest. */
export const perhaps = <T>(parsed: Parsed<T>): T | undefined => (parsed.ok ? parsed.value : undefined);

/** The value, or a thrown Error with the sentence; for literals in our own code and in tests. */
export function must<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
