import type { Graph } from '../model/graph';

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
