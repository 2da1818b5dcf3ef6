/** Good manifests of which places hold something else. */
import * as fc from 'fast-check';
import { changed, pointers, valueAt, type Manifest } from './changes';
import { GOOD } from './manifests';

/** What no schema of a built-in kind has a field of this name for. */
const UNKNOWN = 'noSuchField';

const values = fc.oneof(
  fc.jsonValue(),
  fc.constant(undefined),
  fc.constantFrom('', '\u0000', '100m', '2026-01-31T12:00:00Z', -1, 0, 0.5, 2 ** 31, 2 ** 60, true, null),
  fc.constantFrom([], {}, [null], [[]], [{}], { [UNKNOWN]: 1 }),
);

/** One of the good manifests with up to `most` of its places changed: replaced, taken away, or given one field more. */
export function mutants(most: number): fc.Arbitrary<Manifest> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.constantFrom('', `/${UNKNOWN}`), values), {
    minLength: 1,
    maxLength: most,
  });
  return fc.tuple(fc.constantFrom(...GOOD), changes).map(([make, all]) => {
    const object = make();
    for (const [pick, below, value] of all) {
      const places = pointers(object);
      const place = places[pick % Math.max(1, places.length)] ?? '/spec';
      const holds = typeof valueAt(object, place) === 'object' && valueAt(object, place) !== null;
      changed(object, { [holds ? place + below : place]: structuredClone(value) });
    }
    return object;
  });
}
