/** Two lower-case digits for each octet. */
export const hexOf = (bytes: Uint8Array, between = ""): string =>
  Array.from(bytes, (octet) => octet.toString(16).padStart(2, "0")).join(between);
