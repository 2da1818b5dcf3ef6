/** Changes to manifests, for tests that break good ones at will. */

/** An object as tests see it. */
export type Manifest = Readonly<Record<string, unknown>>;

/** New values by JSON pointer; `undefined` takes the field away, and `-` as the last step appends to a list. */
export type Changes = Readonly<Record<string, unknown>>;

/** The object with the changes, which are made in place. */
export function changed<T extends object>(object: T, changes: Changes): T {
  for (const [pointer, value] of Object.entries(changes)) change(object, pointer, value);
  return object;
}

function change(object: object, pointer: string, value: unknown): void {
  const last = unescaped(pointer.slice(pointer.lastIndexOf('/') + 1));
  const holder = valueAt(object, pointer.slice(0, pointer.lastIndexOf('/')));
  if (last === '-' && Array.isArray(holder)) holder.push(value);
  else if (value === undefined) delete (holder as Record<string, unknown>)[last];
  else (holder as Record<string, unknown>)[last] = value;
}

/** What stands at a pointer whose way is there. */
export function valueAt(object: object, pointer: string): unknown {
  let value: unknown = object;
  for (const step of pointer.split('/').slice(1)) value = (value as Manifest)[unescaped(step)];
  return value;
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** JSON pointers to everything below the root but the type of the object. */
export function pointers(value: unknown, pointer = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([name]) => pointer !== '' || (name !== 'apiVersion' && name !== 'kind'))
    .flatMap(([name, inner]) => {
      const place = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      return [place, ...pointers(inner, place)];
    });
}
