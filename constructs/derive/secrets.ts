import { isDeepStrictEqual } from 'node:util';
import type { IConstruct } from 'constructs';
import { need } from '../model/back-end';
import { derive, prerequisite, rule, type Derived, type NeededBy, type RuleFinding } from '../model/extension';
import { facet } from '../model/facet';
import { view, type Graph } from '../model/graph';
import type { KubeObject } from '../model/kube-object';
import { byKey } from '../model/order';
import type { ReleasePrerequisite, SecretValue } from '../model/prerequisite';
import type { Source } from '../model/source';

/** One key of a Secret that a pattern needs. It says where the value comes from, never the value. */
export interface SecretKeyPart {
  /** Namespace of the Secret: that of the pods that read it. */
  readonly namespace: string;
  /** Name of the Secret, a DNS label: `orders-db-orders-v1`. */
  readonly name: string;
  /** As in `Secret.type`. All keys of one Secret say the same. */
  readonly kind: 'Opaque' | 'kubernetes.io/basic-auth';
  /** Key in the Secret: `password`. */
  readonly key: string;
  /** Where its value comes from. */
  readonly value: SecretValue;
}

/** Keys of Secrets, given to the construct that the Secret belongs to, which decides its chart. */
export const SecretKeys = facet<SecretKeyPart>(
  'secret.keys',
  ({ namespace, name, key }) => `${namespace}/${name}/${key}`,
);

/** A Secret with all of its keys. */
export interface PlannedSecret {
  /** Namespace of the Secret. */
  readonly namespace: string;
  /** Name of the Secret. */
  readonly name: string;
  /** As in `Secret.type`. */
  readonly kind: SecretKeyPart['kind'];
  /** Where the value of each key comes from. */
  readonly keys: Readonly<Record<string, SecretValue>>;
  /** The construct that it belongs to. */
  readonly at: IConstruct;
  /** Who needs it. */
  readonly sources: readonly Source[];
}

/** How an environment comes by its Secrets. */
export interface SecretBackEnd {
  /**
   * `objects`: an operator makes it from objects of the plan. `command`: `ashlar secrets` makes it where its values are
   * random. `nobody`: somebody else makes it.
   */
  madeBy(secret: PlannedSecret): 'objects' | 'command' | 'nobody';
  /** Objects of the plan that bring the Secret about; none where it is not made by objects. */
  render(secret: PlannedSecret): readonly KubeObject[];
  /** What has to run in the cluster for that. */
  readonly releases: readonly ReleasePrerequisite[];
  /**
   * What is wanted of it and cannot be done, each with what can do it.
   * @param secrets - all that are planned
   * @param root - the platform, for what is wrong with no single Secret
   */
  problems(secrets: readonly PlannedSecret[], root: IConstruct): Iterable<RuleFinding>;
}

/** The need for Secrets. */
export const SecretsNeed = need<SecretBackEnd>('secrets', 'generated');

/** A Secret while its keys are being collected. */
interface OpenSecret extends PlannedSecret {
  kind: PlannedSecret['kind'];
  readonly keys: Record<string, SecretValue>;
  readonly sources: Source[];
}

/** All Secrets that patterns need, by namespace and name. */
export const plannedSecrets = view('planned-secrets', (graph: Graph): readonly PlannedSecret[] => {
  const secrets = new Map<string, OpenSecret>();
  for (const at of graph.receivers(SecretKeys)) {
    for (const { value: part, sources } of graph.collect(SecretKeys, at)) {
      const { namespace, name, kind } = part;
      const id = `${namespace}/${name}`;
      let secret = secrets.get(id);
      if (secret === undefined) secrets.set(id, (secret = { namespace, name, kind, at, keys: {}, sources: [] }));
      secret.kind = kind;
      secret.keys[part.key] = part.value;
      secret.sources.push(...sources);
    }
  }
  return [...secrets].sort(byKey(([id]) => id)).map(([, secret]) => secret);
});

/** What brings Secrets about, where objects do. */
export const secretObjects = derive('secrets', function* (graph): Iterable<Derived> {
  const secrets = graph.view(plannedSecrets);
  if (secrets.length === 0) return;
  const backEnd = graph.backEnd(SecretsNeed);
  for (const secret of secrets) {
    for (const manifest of backEnd.render(secret)) yield { scope: secret.at, manifest, sources: secret.sources };
  }
});

/** What people have to bring: the operator that makes Secrets, or the Secrets themselves. */
export const secretPrerequisites = prerequisite('secrets', function* (graph): Iterable<NeededBy> {
  const secrets = graph.view(plannedSecrets);
  if (secrets.length === 0) return;
  const backEnd = graph.backEnd(SecretsNeed);
  for (const secret of secrets) {
    const { at, namespace, name, kind, keys } = secret;
    for (const needs of backEnd.releases) yield { at, needs };
    const madeBy = backEnd.madeBy(secret);
    const generated = madeBy === 'command' && Object.values(keys).every((value) => !('known' in value));
    if (madeBy !== 'objects') yield { at, needs: { type: 'secret', namespace, name, kind, keys, generated } };
  }
});

/** What the back end cannot do, and Secrets that two constructs mean under one name. */
export const secretRules = rule('secrets', function* (graph): Iterable<RuleFinding> {
  yield* madeTwice(graph);
  const secrets = graph.view(plannedSecrets);
  if (secrets.length > 0) yield* graph.backEnd(SecretsNeed).problems(secrets, graph.root);
});

/** Keys of one Secret may come from several constructs, but each key means one value. */
function* madeTwice(graph: Graph): Iterable<RuleFinding> {
  const first = new Map<string, { readonly at: IConstruct; readonly value: SecretValue }>();
  for (const at of graph.receivers(SecretKeys)) {
    for (const { key, value: part } of graph.collect(SecretKeys, at)) {
      const known = first.get(key);
      if (known === undefined) first.set(key, { at, value: part.value });
      else if (!isDeepStrictEqual(known.value, part.value)) yield otherMeaning(at, part, known.at);
    }
  }
}

function otherMeaning(at: IConstruct, { namespace, name, key }: SecretKeyPart, other: IConstruct): RuleFinding {
  return {
    at,
    code: 'secret-made-twice',
    message: `Two constructs mean different values by ${key} of the Secret ${name}.`,
    field: `${namespace}/${name}`,
    got: `${other.node.path} and ${at.node.path}`,
    allowed: 'one meaning',
    fix: 'Rename one of them.',
  };
}
