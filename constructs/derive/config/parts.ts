import type { IConstruct } from 'constructs';
import { contribute, derive, type Derived } from '../../model/extension';
import type { Part } from '../../model/facet';
import type { Graph } from '../../model/graph';
import type { KubeObject } from '../../model/kube-object';
import type { Source } from '../../model/source';
import { LABEL_PREFIX, ownershipLabels } from '../labels';
import { PodAnnotations, PodEnv, PodVolumes, type EnvPart, type TextPart, type VolumePart } from '../pod';
import { Config, Quotes, type ConfigFacts } from './facts';
import { sidecarOf } from './reload';
import { rollingConfigMap } from './rolling';
import { configVersions, readings, type ConfigVersion } from './versions';

/** ConfigMaps and, for values that nobody may read, Secrets (Kubernetes 1.36, core/v1). */
export const configMaps = derive('config-maps', function* (graph): Iterable<Derived> {
  const sourceOf = sourcesOfValues();
  for (const { construct, facts } of graph.having(Config)) {
    for (const version of graph.viewOf(configVersions, construct)) {
      const common = { scope: construct, sources: sourcesOf(graph, construct, version, sourceOf) };
      const [data, secret] = [version.data, version.secret].map((values) => Object.keys(values).length > 0);
      if (data === true || secret === false) {
        yield {
          ...common,
          ...(version.change === 'roll' && { hints: { keepEarlier: true } }),
          manifest: renderConfigMap(construct, facts, version),
        };
      }
      if (secret === true) yield { ...common, manifest: renderSecret(construct, facts, version) };
    }
  }
});

/** Who gave each value, and what the values name. */
function sourcesOf(
  graph: Graph,
  config: IConstruct,
  { from, quotes }: ConfigVersion,
  sourceOf: (key: string, at: string) => Source,
): readonly Source[] {
  const values = Object.keys(from).map((key) => sourceOf(key, from[key] ?? ''));
  if (quotes.length === 0) return values;
  const named = graph.from(config, Quotes).filter(({ to }) => quotes.includes(to));
  return [...values, ...named.map(({ source }) => source)];
}

/** One source for all values that say the same: many configurations have the same keys, given at one place. */
function sourcesOfValues(): (key: string, at: string) => Source {
  const known = new Map<string, Source>();
  return (key, at) => {
    let source = known.get(key);
    if (source?.at !== at) known.set(key, (source = { by: `value of ${key}`, at }));
    return source;
  };
}

function metadataFor(construct: IConstruct, namespace: string, name: string): KubeObject['metadata'] {
  const labels = { [`${LABEL_PREFIX}/config`]: construct.node.id, ...ownershipLabels(construct) };
  return { name, namespace, labels };
}

function renderSecret(
  construct: IConstruct,
  { namespace }: ConfigFacts,
  { name, secret }: ConfigVersion,
): Derived['manifest'] {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadataFor(construct, namespace, name),
    type: 'Opaque',
    stringData: secret,
  };
}

function renderConfigMap(
  construct: IConstruct,
  { namespace }: ConfigFacts,
  { name, data, change }: ConfigVersion,
): Derived['manifest'] {
  const metadata = metadataFor(construct, namespace, name);
  if (change === 'roll') return rollingConfigMap(metadata, data);
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

/** What readers get: variables or files, and what makes them roll. */
export const configParts = [
  contribute('config.env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const { facts, version, to, source } of graph.view(readings)) {
      if (!('env' in facts.as)) continue;
      const { name } = version;
      for (const key in version.data)
        yield { to, part: { name: key, valueFrom: { configMapKeyRef: { name, key } } }, source };
      for (const key in version.secret)
        yield { to, part: { name: key, valueFrom: { secretKeyRef: { name, key } } }, source };
    }
  }),
  contribute('config.files', PodVolumes, function* (graph): Iterable<Part<VolumePart>> {
    for (const { config, facts, version, to, source } of graph.view(readings)) {
      if (!('folder' in facts.as)) continue;
      const mount = { path: facts.as.folder, readOnly: true };
      const mounts = facts.reload === undefined ? [mount] : [mount, { ...mount, container: sidecarOf(config) }];
      yield { to, source, part: { name: config.node.id, source: filesOf(version), mounts } };
    }
  }),
  contribute('config.checksum', PodAnnotations, function* (graph): Iterable<Part<TextPart>> {
    for (const { config, version, to, source } of graph.view(readings)) {
      if (version.change !== 'replace') continue;
      yield { to, source, part: { name: `config.${LABEL_PREFIX}/${config.node.id}`, value: version.checksum } };
    }
  }),
];

/** The files of a configuration: those that nobody may read lie beside the others. */
function filesOf({ name, data, secret }: ConfigVersion): object {
  if (Object.keys(secret).length === 0) return { configMap: { name } };
  if (Object.keys(data).length === 0) return { secret: { secretName: name } };
  return { projected: { sources: [{ configMap: { name } }, { secret: { name } }] } };
}
