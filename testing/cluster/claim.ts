import { randomBytes } from 'node:crypto';
import { displayNameOf, keyOfManifest, type KubeObject } from '../../constructs/model/kube-object';
import type { PlannedObject } from '../../constructs/model/plan';
import type { ClusterClient } from './client';
import type { KindIndex } from './kinds';
import { clusterError } from './problems';

/** Label of what was made on a cluster that was there before; its value is the run. */
const RUN_LABEL = 'ashlar.dev/proof-run';

type Given = PlannedObject | KubeObject;

/** Keeps what was written, to be cleaned up. */
export class Claim {
  private readonly objects = new Map<string, KubeObject>();

  /** Notes an object that was written. */
  note(object: KubeObject): void {
    this.objects.set(keyOfManifest(object), object);
  }

  /** What was written since the last time, the last first. */
  release(): readonly KubeObject[] {
    const objects = [...this.objects.values()].reverse();
    this.objects.clear();
    return objects;
  }

  /** The objects as they may be applied. On a cluster of our own: as they are. */
  take(objects: readonly Given[], _client: ClusterClient): Promise<readonly Given[]> {
    return Promise.resolve(objects);
  }
}

/**
 * The claim on a cluster that was there before. What belongs to no namespace gets the run's label, and nothing is touched
 * that has another or none: a proof writes only into namespaces of its own making.
 */
export class SharedClaim extends Claim {
  private readonly run = randomBytes(4).toString('hex');
  private readonly namespaces = new Set<string>();

  constructor(private readonly kinds: KindIndex) {
    super();
  }

  /** @throws AshlarError `not-ours` */
  override async take(objects: readonly Given[], client: ClusterClient): Promise<readonly Given[]> {
    const taken: Given[] = [];
    for (const object of objects) taken.push(await this.takeOne(object, client));
    return taken;
  }

  private async takeOne(object: Given, client: ClusterClient): Promise<Given> {
    const manifest = 'manifest' in object ? (object as PlannedObject).manifest : object;
    if (await this.kinds.isNamespaced(manifest)) {
      const { namespace = 'default' } = manifest.metadata;
      if (!this.namespaces.has(namespace)) throw notOurs(manifest, `namespace ${namespace}`);
      return object;
    }
    const there = await client.get(manifest);
    if (there !== undefined && there.metadata.labels?.[RUN_LABEL] !== this.run) {
      throw notOurs(manifest, displayNameOf(manifest));
    }
    if (manifest.kind === 'Namespace') this.namespaces.add(manifest.metadata.name);
    const labels = { ...manifest.metadata.labels, [RUN_LABEL]: this.run };
    const labelled = { ...manifest, metadata: { ...manifest.metadata, labels } };
    return 'manifest' in object ? { ...(object as PlannedObject), manifest: labelled } : labelled;
  }
}

function notOurs(manifest: KubeObject, what: string): Error {
  return clusterError({
    code: 'not-ours',
    path: `apply → ${displayNameOf(manifest)}`,
    message: 'It is not ours to write on a cluster that was there before.',
    got: `${what}, which this run has not made`,
    allowed: 'namespaces and cluster-wide objects that the run makes itself',
    fix: `Use a cluster without them, or remove what an earlier run left: kubectl delete namespaces -l ${RUN_LABEL}.`,
  });
}
