import * as fc from 'fast-check';
import { accepts } from '../../policies/schema/accept';
import { tableName } from '../../policies/schema/encoding';
import { Explainer } from '../../policies/schema/explain';
import { NodeStore } from '../../policies/schema/node';
import { loadTables } from '../../policies/schema/tables';
import { changed, type Manifest } from './changes';
import { GOOD } from './manifests';
import { mutants } from './mutants';

/** Fields that came with 1.34 and 1.35 are refused by the oldest version only. */
const stores = [33, 36].map((minor) => new NodeStore(loadTables(), minor));

/** What the two walks say of an object: whether it is fine, and the places of what is wrong. */
function walks(store: NodeStore, object: Manifest): { fine: boolean; places: (string | undefined)[] } {
  const node = store.definition(tableName(String(object['apiVersion'])), String(object['kind']));
  const explainer = new Explainer('1.33', () => false);
  explainer.explain(node, object, '');
  return { fine: accepts(node, object), places: explainer.problems.map((problem) => problem.field) };
}

test('what is refused is explained, and nothing else', () => {
  let refused = 0;
  const agree = fc.property(mutants(3), fc.constantFrom(...stores), (object, store) => {
    const { fine, places } = walks(store, object);
    expect(places.length === 0).toBe(fine);
    if (!fine) refused++;
  });
  fc.assert(agree, { numRuns: 4000 });
  expect(refused).toBeGreaterThan(1000);
});

test('good objects are fine in both walks', () => {
  for (const make of GOOD) expect(walks(stores[0]!, make())).toEqual({ fine: true, places: [] });
});

test('a mutant is explained at the place that was changed', () => {
  const object = changed(GOOD[0]!(), { '/spec/replicas': 'three', '/spec/paused': 1 });
  expect(walks(stores[0]!, object).places.sort()).toEqual(['/spec/paused', '/spec/replicas']);
});
