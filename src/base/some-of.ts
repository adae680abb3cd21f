/** A line is for people: the first three of many, and how many more there are. */
export function someOf(texts: readonly string[]): string {
  const shown = texts.slice(0, 3);
  const more = texts.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
