import type { IConstruct } from 'constructs';
import { capability } from '../model/capability';
import { contribute, prerequisite, rule, type NeededBy, type RuleFinding } from '../model/extension';
import type { Part } from '../model/facet';
import { view, type Graph } from '../model/graph';
import { groupBy } from '../model/order';
import type { SecretValue } from '../model/prerequisite';
import type { Edge } from '../model/relation';
import { Config } from './config/facts';
import { PodEnv, PodVolumes, type EnvPart, type VolumePart } from './pod';
import { Reads } from './reads';
import { SecretKeys, type SecretKeyPart } from './secrets';
import { CredentialGeneration } from './stores/accounts';
import type { AccessFacts } from './stores/store';
import { Workload } from './workload';

/** Where the value of a key comes from. A random one gets its id where its Secret gets its name. */
export type SecretSourceFacts = { readonly random: number } | { readonly text: string } | { readonly known: string };

/** Secrets that workloads of a context read: an API key, a signing key, the login at a supplier. */
export interface SecretFacts {
  /** Namespace of its context. */
  readonly namespace: string;
  /** Name in the cluster; where it is made for the plan, `-v1` and so on follows, the generation. */
  readonly name: string;
  /** As in `Secret.type`. */
  readonly kind: SecretKeyPart['kind'];
  /** Where the value of each key comes from. Nothing is known of the keys of one that exists. */
  readonly keys: Readonly<Record<string, SecretSourceFacts>>;
  /** It is in the cluster already, under exactly this name. */
  readonly exists: boolean;
}

/** The capability of being read as a Secret. */
export const Secret = capability<SecretFacts>('secret');

type Reading = Edge<IConstruct, IConstruct, AccessFacts>;

/** A Secret in one namespace: its own, and each from which it is read, since pods read only their own. */
interface Copy {
  readonly secret: IConstruct;
  readonly facts: Readonly<SecretFacts>;
  readonly namespace: string;
  /** Name of the object. */
  readonly name: string;
  readonly generation: number;
  readonly readers: readonly Reading[];
}

const secretCopies = view('secret-copies', (graph: Graph): readonly Copy[] =>
  graph.having(Secret).flatMap(({ construct: secret, facts }) => {
    const generation = graph.setting(CredentialGeneration, secret);
    const own = facts.namespace;
    const readers = groupBy(graph.to(secret, Reads), ({ from }) => graph.facts(from, Workload)?.namespace ?? own);
    const namespaces = [own, ...[...readers.keys()].filter((namespace) => namespace !== own)];
    return namespaces.map((namespace) => {
      const base = namespace === own ? facts.name : `${own}-${facts.name}`;
      const name = facts.exists ? facts.name : `${base}-v${generation}`;
      return { secret, facts, namespace, name, generation, readers: readers.get(namespace) ?? [] };
    });
  }),
);

/** What has to be made, in each namespace from which it is read. */
export const secretKeys = contribute('secret.keys', SecretKeys, function* (graph): Iterable<Part<SecretKeyPart>> {
  for (const { secret, facts, namespace, name, generation, readers } of graph.view(secretCopies)) {
    if (facts.exists) continue;
    const source = readers[0]?.source ?? { by: `Secret ${secret.node.id}`, at: secret.node.path };
    for (const [key, from] of Object.entries(facts.keys)) {
      const id = `${facts.namespace}/${facts.name}-v${generation}/${key}`;
      const value: SecretValue = 'random' in from ? { random: { id, length: from.random } } : from;
      yield { to: secret, source, part: { namespace, name, kind: facts.kind, key, value } };
    }
  }
});

/** One that exists is no business of the back end, but people want to know that the plan needs it. */
export const existingSecretPrerequisites = prerequisite('secret.existing', function* (graph): Iterable<NeededBy> {
  for (const { secret, facts, namespace, name } of graph.view(secretCopies)) {
    if (!facts.exists || namespace !== facts.namespace) continue;
    const keys = Object.fromEntries(Object.keys(facts.keys).map((key) => [key, { known: `${name}/${key}` }]));
    yield { at: secret, needs: { type: 'secret', namespace, name, kind: facts.kind, keys, generated: false } };
  }
});

/** Octal 0440: the process and its group read, nobody writes (Kubernetes 1.36, core/v1 SecretVolumeSource). */
const READ_ONLY = 0o440;

/** What readers get: variables, files, or both. */
export const secretParts = [
  contribute('secret.env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const copy of graph.view(secretCopies)) for (const reader of copy.readers) yield* variablesOf(copy, reader);
  }),
  contribute('secret.files', PodVolumes, function* (graph): Iterable<Part<VolumePart>> {
    for (const { secret, name, readers } of graph.view(secretCopies)) {
      for (const { from, facts: wanted, source } of readers) {
        if (wanted.folder === undefined) continue;
        const mounts = [{ path: wanted.folder, readOnly: true }];
        const volume = { secret: { secretName: name, defaultMode: READ_ONLY } };
        yield { to: from, source, part: { name: secret.node.id, source: volume, mounts } };
      }
    }
  }),
];

function* variablesOf({ name, facts }: Copy, { from, facts: wanted, source }: Reading): Iterable<Part<EnvPart>> {
  for (const [variable, key] of Object.entries(wanted.env ?? {})) {
    // One that is not there is told by a rule.
    if (!(key in facts.keys)) continue;
    yield { to: from, source, part: { name: variable, valueFrom: { secretKeyRef: { name, key } } } };
  }
}

/** Reading that leads nowhere, and Secrets that nobody reads. */
export const secretReadingRules = rule('secret.reading', function* (graph): Iterable<RuleFinding> {
  for (const { facts, namespace, readers } of graph.view(secretCopies)) {
    for (const reader of readers) {
      yield* problemsOfKeys(reader, facts);
      if (facts.exists && namespace !== facts.namespace) yield elsewhere(reader, facts);
    }
  }
  for (const { construct: secret } of graph.having(Secret)) {
    if (graph.to(secret, Reads).length === 0) yield unread(secret);
  }
});

/** Options that only a Secret, or a store, understands. */
export const readOptionRules = rule('reads.options', function* (graph): Iterable<RuleFinding> {
  for (const { from, to, facts, source } of graph.all(Reads)) {
    if ((facts.folder === undefined && facts.env === undefined) || graph.facts(to, Secret) !== undefined) continue;
    const wrong = [
      ...(facts.folder === undefined ? [] : ['folder']),
      ...(facts.env === undefined || graph.facts(to, Config) === undefined ? [] : ['env']),
    ];
    for (const option of wrong) yield withoutEffect(from, option, `${to.node.path} at ${source.at}`);
  }
});

function* problemsOfKeys({ from, to, facts: wanted, source }: Reading, facts: SecretFacts): Iterable<RuleFinding> {
  const keys = Object.keys(facts.keys);
  if (wanted.env === undefined && wanted.folder === undefined) {
    yield {
      at: from,
      code: 'secret-read-nowhere',
      message: `It reads ${to.node.path}, but no variable and no folder gets it.`,
      got: `neither env nor folder at ${source.at}`,
      allowed: `env with any of ${keys.join(', ')}, or folder`,
      fix: `Say where: reads(secret, { env: { NAME: '${keys[0] ?? 'key'}' } }).`,
    };
  }
  for (const [variable, key] of Object.entries(wanted.env ?? {})) {
    if (key in facts.keys) continue;
    yield {
      at: from,
      code: 'unknown-secret-key',
      message: `The variable ${variable} wants a key of ${to.node.path} that is not there.`,
      field: `env.${variable}`,
      got: `${key} at ${source.at}`,
      allowed: keys.join(', ') || 'it has no keys',
      fix: 'Name one of its keys, or add the key.',
    };
  }
}

function elsewhere({ from, to, source }: Reading, { namespace }: SecretFacts): RuleFinding {
  return {
    at: from,
    code: 'secret-in-another-namespace',
    message: `It reads ${to.node.path}, a Secret of another namespace, which its pods cannot see.`,
    got: source.at,
    allowed: `workloads of ${namespace}`,
    fix: 'Say with Secret.existing in its own context which Secret is there.',
  };
}

function unread(at: IConstruct): RuleFinding {
  return {
    at,
    code: 'secret-without-reader',
    severity: 'warning',
    message: 'Nobody reads this Secret, and somebody has to make it.',
    got: 'no reader',
    allowed: 'at least one',
    fix: 'Let a service read it, or remove it.',
  };
}

function withoutEffect(at: IConstruct, field: string, got: string): RuleFinding {
  return {
    at,
    code: 'option-without-effect',
    message: `${field} says nothing about what is read here.`,
    field,
    got,
    allowed: field === 'folder' ? 'folder, for a Secret' : 'env, for a Secret or a store',
    fix: 'Leave it out; a configuration says itself how it is read.',
  };
}
