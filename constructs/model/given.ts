/** The members of an object that are given. */
export type Given<T extends object> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined, so that a spread adds only what is given: `{ name, ...given({ image, args }) }`. */
export function given<T extends object>(members: T): Given<T> {
  const result: Record<string, unknown> = {};
  for (const name in members) if (members[name] !== undefined) result[name] = members[name];
  return result as Given<T>;
}
