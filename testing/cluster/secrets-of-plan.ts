import { generateSecrets, generatedAmong } from '../../charts/generate-secrets';
import type { KubeObject } from '../../constructs/model/kube-object';
import { groupBy } from '../../constructs/model/order';
import type { Prerequisite, SecretPrerequisite } from '../../constructs/model/prerequisite';
import type { ClusterClient } from './client';
import { refused } from './verdict';

/** The Secrets that a plan needs and no object of it brings: made by `ashlar secrets` elsewhere, and here by the way. */
export class SecretsOfPlan {
  readonly #missing: ReadonlyMap<string, readonly KubeObject[]>;

  private constructor(
    private readonly client: ClusterClient,
    missing: readonly KubeObject[],
  ) {
    this.#missing = groupBy(missing, ({ metadata }) => metadata.namespace ?? '');
  }

  /** Finds out which are missing. Values of those that are there are kept where others share them. */
  static async of(client: ClusterClient, prerequisites: readonly Prerequisite[]): Promise<SecretsOfPlan> {
    const known = new Map<string, string>();
    const missing: SecretPrerequisite[] = [];
    for (const secret of generatedAmong(prerequisites)) {
      const there = await client.get<StoredSecret>(idOf(secret));
      if (there === undefined) missing.push(secret);
      else for (const [id, value] of valuesOf(secret, there)) known.set(id, value);
    }
    return new SecretsOfPlan(client, generateSecrets(missing, known));
  }

  /**
   * Makes those of a namespace that has just been stored; does nothing for other objects. What lies in a namespace that is
   * not applied is left to whoever owns it.
   * @throws AshlarError `refused`
   */
  async makeIn(manifest: KubeObject): Promise<void> {
    const { kind, metadata } = manifest;
    if (kind !== 'Namespace') return;
    for (const secret of this.#missing.get(metadata.name) ?? []) {
      const verdict = await this.client.create(secret);
      if (!verdict.accepted) throw refused(verdict, 'apply', secret);
    }
  }
}

interface StoredSecret {
  readonly data?: Readonly<Record<string, string>>;
}

function idOf({ namespace, name }: SecretPrerequisite) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } };
}

/** Random ids with the values that are stored for them. */
function valuesOf({ keys }: SecretPrerequisite, { data = {} }: StoredSecret): readonly (readonly [string, string])[] {
  return Object.entries(keys).flatMap(([key, value]) => {
    const stored = data[key];
    if (!('random' in value) || stored === undefined) return [];
    return [[value.random.id, Buffer.from(stored, 'base64').toString('utf8')] as const];
  });
}
