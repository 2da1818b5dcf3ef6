import type { Problem } from '../model/finding';
import type { Graph } from '../model/graph';
import { printed } from '../model/printed';

/** An image as it is pulled in this environment: the longest prefix that `registries` names is replaced. */
export function imageOf(graph: Graph, image: string): string {
  let best = '';
  const { registries } = graph.environment;
  const full = withRegistry(image);
  for (const prefix of Object.keys(registries)) {
    if (prefix.length > best.length && (full === prefix || full.startsWith(`${prefix.replace(/\/$/, '')}/`)))
      best = prefix;
  }
  return best === '' ? image : `${registries[best] ?? ''}${full.slice(best.length)}`;
}

/** Docker's short names in full: `redis` is `docker.io/library/redis` (distribution/reference 0.6, normalize). */
function withRegistry(image: string): string {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  if (first.includes('.') || first.includes(':') || first === 'localhost') return image;
  return slash < 0 ? `docker.io/library/${image}` : `docker.io/${image}`;
}

const PART = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*';
const REGISTRY = '(?:[A-Za-z0-9][A-Za-z0-9.-]*|\\[[0-9A-Fa-f:]+\\])(?::[0-9]+)?';
const TAG = ':[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = '@[A-Za-z][A-Za-z0-9+._-]*:[0-9A-Fa-f]{32,}';
const IMAGE = new RegExp(`^(?:${REGISTRY}/)?${PART}(?:/${PART})*(?:${TAG})?(?:${DIGEST})?$`);

/**
 * What is wrong with an image that is to be pulled (distribution/reference 0.6, "Grammar"): a name in lower case, maybe with a
 * registry, a tag and a digest.
 * @param whose - `The container orders`
 */
export function problemsOfImage(whose: string, field: string, image: unknown): readonly Problem[] {
  if (typeof image === 'string' && IMAGE.test(image)) return [];
  return [
    {
      code: 'bad-image',
      message: `${whose} has no usable image.`,
      field,
      got: image === undefined ? 'nothing' : printed(image),
      allowed: 'a reference such as ghcr.io/acme/orders:1.4.2',
      fix: 'Give the image with its registry and its tag or digest.',
    },
  ];
}
