import type { IConstruct } from 'constructs';
import { hasTokens } from '../../model/deferred';
import { AshlarError } from '../../model/error';
import type { RuleFinding } from '../../model/extension';
import { view, viewOf, type Graph } from '../../model/graph';
import { byText } from '../../model/order';
import type { Edge } from '../../model/relation';
import { serviceLayers, standsFor } from '../../model/setting';
import type { Source } from '../../model/source';
import { Reads } from '../reads';
import { Config, type ConfigFacts, type FileFacts } from './facts';
import { renderFile, type Values } from './formats';
import { valueOf } from './values';

type Problem = Omit<RuleFinding, 'at'>;

type Reader = Edge<IConstruct, IConstruct, unknown>;

/** The values of a configuration as one reader sees them, or several. */
export interface ConfigVersion {
  /** Name of the ConfigMap, and of the Secret. */
  readonly name: string;
  /** What is in it: texts by key, or files by name. */
  readonly data: Readonly<Record<string, string>>;
  /** Texts and files that nobody may read: they go into a Secret of the same name. */
  readonly secret: Readonly<Record<string, string>>;
  readonly checksum: string;
  /** As the configuration was told, but a name cannot follow values that are known later. */
  readonly change: ConfigFacts['change'];
  /** Who gave each value. */
  readonly from: Readonly<Record<string, string>>;
  /** What its values name. */
  readonly quotes: readonly IConstruct[];
  readonly readers: readonly Reader[];
  readonly problems: readonly Problem[];
}

/** Each distinct content of a configuration: one for all readers, and one more for each that a layer treats apart. */
export const configVersions = viewOf(
  'config-versions',
  (graph: Graph, config: IConstruct): readonly ConfigVersion[] => {
    const facts = graph.facts(config, Config);
    if (facts === undefined) return [];
    const readers = graph.to(config, Reads);
    const apart = readers.filter(({ from }) => hasOwnValues(graph, from, facts));
    if (apart.length === 0) return [versionOf(graph, config, facts, readers, undefined)];
    const common = readers.filter((reader) => !apart.includes(reader));
    const versions = apart.map((reader) => versionOf(graph, config, facts, [reader], reader.from));
    return common.length === 0 ? versions : [versionOf(graph, config, facts, common, undefined), ...versions];
  },
);

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
  const found = valuesOf(graph, facts, apart);
  const { id: reader } = standsFor(apart ?? config).node;
  const id = apart === undefined ? '' : ` for ${reader}`;
  const texts = textsOf(graph, config, facts, { values: found.values, id }, found.problems);
  const { data, secret } = parted(graph, texts);
  const checksum = graph.checksum(config, `checksum of values${id}`, Object.keys(secret).length === 0 ? data : texts);
  const change = facts.change === 'roll' && hasTokens(texts) ? 'replace' : facts.change;
  const base = apart === undefined ? config.node.id : `${config.node.id}-${reader}`;
  const name = change === 'roll' ? `${base}-${checksum}` : base;
  const { from, quotes, problems } = found;
  return {
    name,
    data,
    secret,
    checksum,
    change,
    from,
    quotes: quotes.length === 0 ? quotes : [...new Set(quotes)],
    readers,
    problems,
  };
}

/** The values of all keys that have one. */
function valuesOf(graph: Graph, facts: ConfigFacts, apart: IConstruct | undefined) {
  const values: Record<string, unknown> = {};
  const from: Record<string, string> = {};
  const problems: Problem[] = [];
  const quotes: IConstruct[] = [];
  for (const key of Object.keys(facts.schema).sort()) {
    const found = valueOf(graph, facts, key, apart);
    if (found.problems.length > 0) problems.push(...found.problems);
    if (found.value === undefined) continue;
    values[key] = found.value;
    from[key] = found.from;
    if (found.quotes.length > 0) quotes.push(...found.quotes);
  }
  return { values, from, problems, quotes };
}

/** Texts that anybody may read, and those that nobody may. */
function parted(graph: Graph, texts: Readonly<Record<string, string>>): Pick<ConfigVersion, 'data' | 'secret'> {
  if (!Object.values(texts).some((text) => graph.isSecret(text))) return { data: texts, secret: NOTHING };
  const data: Record<string, string> = {};
  const secret: Record<string, string> = {};
  for (const [name, text] of Object.entries(texts)) (graph.isSecret(text) ? secret : data)[name] = text;
  return { data, secret };
}

const NOTHING: Readonly<Record<string, string>> = {};

/** Values, and what tells them from those of other readers. */
interface Content {
  readonly values: Values;
  readonly id: string;
}

/** One text a key, or the files that were asked for; what cannot be written is told. */
function textsOf(
  graph: Graph,
  config: IConstruct,
  { as }: ConfigFacts,
  { values, id }: Content,
  problems: Problem[],
): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  const files = 'folder' in as ? as.files : undefined;
  if (files === undefined) {
    for (const key in values) {
      const value = values[key];
      texts[key] = typeof value === 'string' ? value : graph.json(config, `value of ${key}${id}`, value);
    }
    return texts;
  }
  for (const [name, file] of Object.entries(files).sort(([a], [b]) => byText(a, b))) {
    const rendered = renderFile(name, file, values);
    if ('problem' in rendered) problems.push(rendered.problem);
    else if (!hasTokens(rendered.text)) texts[name] = rendered.text;
    else texts[name] = graph.text(config, `file ${name}${id}`, { name, file, values }, textOfFile);
  }
  return texts;
}

/** Once all values are known, one of them may turn out to be one that cannot be written. */
function textOfFile({ name, file, values }: { name: string; file: FileFacts; values: Values }): string {
  const rendered = renderFile(name, file, values);
  if ('problem' in rendered) throw new AshlarError({ ...rendered.problem, path: `file ${name}` });
  return rendered.text;
}

/** One workload reads one version of a configuration. */
export interface Reading {
  /** Who reads. */
  readonly to: IConstruct;
  /** The line of the program that said it. */
  readonly source: Source;
  readonly config: IConstruct;
  readonly facts: ConfigFacts;
  readonly version: ConfigVersion;
}

/** Who reads which content of which configuration. */
export const readings = view('config-readings', (graph: Graph): readonly Reading[] => {
  const all: Reading[] = [];
  for (const { construct: config, facts } of graph.having(Config)) {
    for (const version of graph.viewOf(configVersions, config)) {
      for (const { from: to, source } of version.readers) all.push({ to, source, config, facts, version });
    }
  }
  return all;
});
