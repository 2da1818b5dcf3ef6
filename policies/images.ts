import { policy, type PolicyFinding } from '../constructs/model/extension';
import { objectsWithPods } from '../constructs/model/references';

interface Pod {
  readonly spec?: { readonly containers?: readonly Container[]; readonly initContainers?: readonly Container[] };
}

interface Container {
  readonly name: string;
  readonly image?: string;
}

/** Images say which version they are: `latest`, or no tag at all, is another program tomorrow. */
export const imagesPolicy = policy('images', function* (objects): Iterable<PolicyFinding> {
  for (const { on, template } of objectsWithPods(objects)) {
    for (const { name, image } of containersOf(template)) {
      if (image === undefined || !floats(image)) continue;
      yield {
        on,
        code: 'floating-image',
        severity: 'warning',
        message: `The image of the container ${name} names no version.`,
        field: 'image',
        got: image,
        allowed: 'a tag of one version, or a digest',
        fix: 'Name the version, as in ghcr.io/acme/orders:1.4.2.',
      };
    }
  }
});

function containersOf({ spec }: Pod): readonly Container[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}

function floats(image: string): boolean {
  if (image.includes('@') || image.includes('<')) return false;
  const last = image.slice(image.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  return colon < 0 || last.slice(colon + 1) === 'latest';
}
