/** Where something is watched, a document takes one line. */
export const jsonText = (value: unknown, { watch = false }: { readonly watch?: boolean } = {}): string =>
  `${watch ? JSON.stringify(value) : JSON.stringify(value, undefined, 2)}\n`;
