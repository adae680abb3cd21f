/** The same function, which remembers its answers; when there are `most` of them, it begins anew. */
export function remembered<K, V extends object>(most: number, answer: (key: K) => V): (key: K) => V {
  const answers = new Map<K, V>();
  return (key) => {
    const known = answers.get(key);
    if (known) return known;
    if (answers.size >= most) answers.clear();
    const made = answer(key);
    answers.set(key, made);
    return made;
  };
}
