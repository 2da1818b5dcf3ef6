import type { IConstruct } from 'constructs';
import { capability } from '../model/capability';
import { hasTokens } from '../model/deferred';
import { contribute, derive, rule, type Derived, type RuleFinding } from '../model/extension';
import type { Part } from '../model/facet';
import { view, viewOf, type Graph } from '../model/graph';
import { byText } from '../model/order';
import type { Edge } from '../model/relation';
import { HIDDEN, saysSecret } from '../model/secrecy';
import { lastOf, serviceLayers, standsFor, type Decided } from '../model/setting';
import type { Source } from '../model/source';
import type { StandardSchema } from '../model/standard-schema';
import { filesOf, renderConfigMap, renderSecret } from './config-objects';
import { LABEL_PREFIX } from './labels';
import { PodAnnotations, PodEnv, PodVolumes, type EnvPart, type TextPart, type VolumePart } from './pod';
import { Reads } from './reads';

/** A set of values that workloads read. */
export interface ConfigFacts {
  readonly namespace: string;
  /** By key; a value that no layer gives is checked as undefined. */
  readonly schema: Readonly<Record<string, StandardSchema>>;
  /** What the program says: the weakest layer. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Variables, or files in a folder. */
  readonly as: { readonly env: true } | { readonly folder: string };
  /**
   * `roll`: a new name with each content, so that pods of an old release keep what they started with. `replace`: one
   * name, and a checksum on the pods that read it.
   */
  readonly change: 'roll' | 'replace';
}

/** The capability of being read as configuration. */
export const Config = capability<ConfigFacts>('config');

type Reader = Edge<IConstruct, IConstruct, unknown>;

/** The values of a configuration as one reader sees them. */
export interface ConfigVersion {
  /** Name of the ConfigMap, and of the Secret. */
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  /** Values that nobody may read: they go into a Secret of the same name. */
  readonly secret: Readonly<Record<string, string>>;
  readonly checksum: string;
  /** As the configuration was told, but a name cannot follow values that are known later. */
  readonly change: ConfigFacts['change'];
  /** Who gave each value. */
  readonly from: Readonly<Record<string, string>>;
  readonly readers: readonly Reader[];
  readonly problems: readonly Omit<RuleFinding, 'at'>[];
}

/** Each distinct content of a configuration: one for all readers, and one more for each that a layer treats apart. */
const configVersions = viewOf('config-versions', (graph: Graph, config: IConstruct): readonly ConfigVersion[] => {
  const facts = graph.facts(config, Config);
  if (facts === undefined) return [];
  const readers = graph.to(config, Reads);
  const apart = readers.filter(({ from }) => hasOwnValues(graph, from, facts));
  if (apart.length === 0) return [versionOf(graph, config, facts, readers, undefined)];
  const common = readers.filter((reader) => !apart.includes(reader));
  const versions = apart.map((reader) => versionOf(graph, config, facts, [reader], reader.from));
  return common.length === 0 ? versions : [versionOf(graph, config, facts, common, undefined), ...versions];
});

function hasOwnValues({ environment }: Graph, reader: IConstruct, { schema }: ConfigFacts): boolean {
  return serviceLayers(environment, reader).some(({ config }) => Object.keys(config).some((key) => key in schema));
}

function versionOf(
  graph: Graph,
  config: IConstruct,
  facts: ConfigFacts,
  readers: readonly Reader[],
  apart: IConstruct | undefined,
): ConfigVersion {
  const [suffix, forWhom] = apart === undefined ? ['', ''] : suffixesOf(standsFor(apart).node.id);
  const values = valuesFor(graph, config, facts, apart, forWhom);
  const { data, secret } = values;
  const all = Object.keys(secret).length === 0 ? data : { ...data, ...secret };
  const checksum = graph.checksum(config, `checksum of values${forWhom}`, all);
  const change = hasTokens(all) ? 'replace' : facts.change;
  const base = `${config.node.id}${suffix}`;
  return { ...values, name: change === 'roll' ? `${base}-${checksum}` : base, checksum, change, readers };
}

/** What stands behind the name of a version that one reader has for itself, and behind what is computed for it. */
function suffixesOf(reader: string): readonly [string, string] {
  return [`-${reader}`, ` for ${reader}`];
}

/** The values of all keys, those that nobody may read apart. */
function valuesFor(
  graph: Graph,
  config: IConstruct,
  facts: ConfigFacts,
  apart: IConstruct | undefined,
  forWhom: string,
): Pick<ConfigVersion, 'data' | 'secret' | 'from' | 'problems'> {
  const data: Record<string, string> = {};
  const secret: Record<string, string> = {};
  const from: Record<string, string> = {};
  const problems: Omit<RuleFinding, 'at'>[] = [];
  for (const key of Object.keys(facts.schema).sort(byText)) {
    const decided = decide(graph, facts, key, apart);
    const { value, problem } = validate(facts.schema[key] as StandardSchema, key, decided);
    if (problem !== undefined) problems.push(problem);
    if (value === undefined) continue;
    const text = typeof value === 'string' ? value : graph.json(config, `value of ${key}${forWhom}`, value);
    (graph.isSecret(text) ? secret : data)[key] = text;
    from[key] = decided?.from ?? 'default of the key';
  }
  return { data, secret, from, problems };
}

/** The strongest layer's value: base < tier < environment < region < the reading service. */
function decide(
  graph: Graph,
  facts: ConfigFacts,
  key: string,
  apart: IConstruct | undefined,
): Decided<unknown> | undefined {
  const { environment } = graph;
  const services = apart === undefined ? [] : serviceLayers(environment, apart);
  const own = services.find(({ config }) => config[key] !== undefined)?.config[key];
  const found = own ?? lastOf(environment.layers, (layer) => layer.config[key]);
  if (found !== undefined) return { value: found.value, from: found.at };
  return key in facts.values ? { value: facts.values[key], from: 'program' } : undefined;
}

function validate(
  schema: StandardSchema,
  key: string,
  decided: Decided<unknown> | undefined,
): { readonly value?: unknown; readonly problem?: Omit<RuleFinding, 'at'> } {
  // What is known later is checked by whoever knows it.
  if (hasTokens(decided?.value)) return { value: decided?.value };
  const result = answerOf(schema, decided?.value);
  if (result instanceof Promise) {
    result.catch(() => undefined);
    return {
      problem: problemOf('config-schema-is-async', key, 'a schema that answers later', 'a schema that answers at once'),
    };
  }
  if (result.issues === undefined) return { value: result.value };
  const allowed = result.issues.map(({ message }) => message).join('; ');
  if (decided === undefined) return { problem: problemOf('config-key-missing', key, 'no value in any layer', allowed) };
  const got = saysSecret(key) ? HIDDEN : JSON.stringify(decided.value);
  // A validator of somebody else's may repeat what it was given.
  const said = saysSecret(key) ? allowed.replaceAll(String(decided.value), HIDDEN) : allowed;
  return { problem: problemOf('config-value-wrong', key, `${got} from ${decided.from}`, said) };
}

/** A validator of somebody else's may throw; that is an answer, too. */
function answerOf(schema: StandardSchema, value: unknown): ReturnType<StandardSchema['~standard']['validate']> {
  try {
    return schema['~standard'].validate(value);
  } catch (error) {
    return { issues: [{ message: `the validator threw: ${error instanceof Error ? error.message : String(error)}` }] };
  }
}

function problemOf(code: string, key: string, got: string, allowed: string): Omit<RuleFinding, 'at'> {
  return {
    code,
    message: `The value of ${key} does not fit its schema.`,
    field: key,
    got,
    allowed,
    fix: `Give ${key} in the program's values, or under config in a layer or environment file.`,
  };
}

/** Everything that is wrong with a platform's configuration. */
export const configRules = rule('config', function* (graph): Iterable<RuleFinding> {
  const known = new Set(graph.leftOut(Config).flatMap(({ facts }) => Object.keys(facts.schema)));
  for (const { construct, facts } of graph.having(Config)) {
    for (const key of Object.keys(facts.schema)) known.add(key);
    for (const key of Object.keys(facts.values)) {
      if (!(key in facts.schema))
        yield { at: construct, ...unknownKey(key, `values.${key}`, Object.keys(facts.schema)) };
    }
    for (const version of graph.viewOf(configVersions, construct)) {
      for (const problem of version.problems) yield { at: construct, ...problem };
    }
  }
  for (const layer of graph.environment.layers) {
    const sets = [layer.config, ...Object.values(layer.services).map(({ config }) => config)];
    for (const [key, { at }] of sets.flatMap((config) => Object.entries(config))) {
      if (!known.has(key)) yield { at: graph.root, ...unknownKey(key, at, [...known]) };
    }
  }
});

function unknownKey(key: string, field: string, known: readonly string[]): Omit<RuleFinding, 'at'> {
  return {
    code: 'config-key-unknown',
    message: `${key} is given, but no configuration has such a key.`,
    field,
    got: key,
    allowed: [...known].sort(byText).join(', ') || 'no keys: nothing reads configuration',
    fix: 'Correct the name, or add the key to the schema.',
  };
}

/** ConfigMaps and, for values that nobody may read, Secrets (Kubernetes 1.36, core/v1). */
export const configMaps = derive('config-maps', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Config)) {
    for (const version of graph.viewOf(configVersions, construct)) {
      const common = {
        scope: construct,
        sources: Object.entries(version.from).map(([key, at]) => ({ by: `value of ${key}`, at })),
      };
      const [data, secret] = [version.data, version.secret].map((values) => Object.keys(values).length > 0);
      if (data === true || secret === false) {
        yield {
          ...common,
          ...(version.change === 'roll' && { hints: { keepEarlier: true } }),
          manifest: renderConfigMap(construct, facts.namespace, version),
        };
      }
      if (secret === true) yield { ...common, manifest: renderSecret(construct, facts.namespace, version) };
    }
  }
});

/** What readers get: variables or files, and what makes them roll. */
export const configParts = [
  contribute('config.env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const { to, source, facts, version } of graph.view(readings)) {
      if (!('env' in facts.as)) continue;
      const { name } = version;
      for (const key in version.data)
        yield { to, part: { name: key, valueFrom: { configMapKeyRef: { name, key } } }, source };
      for (const key in version.secret)
        yield { to, part: { name: key, valueFrom: { secretKeyRef: { name, key } } }, source };
    }
  }),
  contribute('config.files', PodVolumes, function* (graph): Iterable<Part<VolumePart>> {
    for (const { to, source, config, facts, version } of graph.view(readings)) {
      if (!('folder' in facts.as)) continue;
      const mounts = [{ path: facts.as.folder, readOnly: true }];
      yield { to, part: { name: config.node.id, source: filesOf(version), mounts }, source };
    }
  }),
  contribute('config.checksum', PodAnnotations, function* (graph): Iterable<Part<TextPart>> {
    for (const { to, source, config, version } of graph.view(readings)) {
      if (version.change !== 'replace') continue;
      yield { to, part: { name: `config.${LABEL_PREFIX}/${config.node.id}`, value: version.checksum }, source };
    }
  }),
];

interface Reading {
  readonly to: IConstruct;
  readonly source: Source;
  readonly config: IConstruct;
  readonly facts: ConfigFacts;
  readonly version: ConfigVersion;
}

const readings = view('config-readings', (graph: Graph): readonly Reading[] => {
  const all: Reading[] = [];
  for (const { construct: config, facts } of graph.having(Config)) {
    for (const version of graph.viewOf(configVersions, config)) {
      for (const { from: to, source } of version.readers) all.push({ to, source, config, facts, version });
    }
  }
  return all;
});
