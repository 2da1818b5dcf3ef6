/** Orders texts by code units: the same on any locale. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders things by a text that each has. */
export function byKey<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => byText(key(a), key(b));
}
