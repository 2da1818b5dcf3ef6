/** Orders texts by code units: the same on any locale. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a === b ? 0 : 1;
}

/** Orders things by a text that each has. */
export function byKey<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => byText(key(a), key(b));
}

/** Items in the order of a text that is put together for each, and only once. */
export function sortedBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  const keyed = items.map((item) => ({ item, key: key(item) }));
  return keyed.sort((a, b) => byText(a.key, b.key)).map(({ item }) => item);
}

/** Items by what each has, in the order of the items. `Map.groupBy` is not there before Node 21. */
export function groupBy<K, T>(items: Iterable<T>, key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const of = key(item);
    const group = groups.get(of);
    if (group === undefined) groups.set(of, [item]);
    else group.push(item);
  }
  return groups;
}
