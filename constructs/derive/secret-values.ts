import type { IConstruct } from 'constructs';
import { contribute, derive, type Derived } from '../model/extension';
import type { Part } from '../model/facet';
import { viewOf, type Graph } from '../model/graph';
import type { Source } from '../model/source';
import { LABEL_PREFIX } from './labels';
import { PodAnnotations, PodContainers, PodEnv, type EnvPart, type TextPart } from './pod';
import { Workload, metadataOf } from './workload';

/** Variables of one workload whose text nobody may read. */
interface SecretVariables {
  /** By key of the Secret. */
  readonly texts: Readonly<Record<string, string>>;
  readonly sources: readonly Source[];
}

/** The variables of a workload, in all of its containers, that go into its Secret. */
const secretVariables = viewOf('secret-variables', (graph: Graph, workload: IConstruct): SecretVariables => {
  const texts: Record<string, string> = {};
  const sources: Source[] = [];
  const add = (container: string | undefined, { name, value }: EnvPart, from: readonly Source[]): void => {
    if (value === undefined || !graph.isSecret(value)) return;
    texts[keyOf(container, name)] = value;
    sources.push(...from);
  };
  graph.collect(PodEnv, workload).forEach((variable) => add(undefined, variable.value, variable.sources));
  for (const { value, sources: from } of graph.collect(PodContainers, workload))
    value.env.forEach((variable) => add(value.name, variable, from));
  return { texts, sources };
});

/** Key of a variable in the Secret of its workload; those of sidecars have the container in front. */
function keyOf(container: string | undefined, variable: string): string {
  return container === undefined ? variable : `${container}.${variable}`;
}

/** Name of the Secret that holds a workload's variables. */
function secretNameOf(workload: string): string {
  return `${workload}-variables`;
}

/**
 * Where a variable's value is: as a literal, or in the Secret of its workload where nobody may read it.
 * @param container - name of the container beside the main one; undefined for the main one
 */
export function variableOf(graph: Graph, workload: string, container: string | undefined, part: EnvPart): EnvPart {
  const { name, value } = part;
  if (value === undefined || !graph.isSecret(value)) return part;
  return { name, valueFrom: { secretKeyRef: { name: secretNameOf(workload), key: keyOf(container, name) } } };
}

/** One Secret a workload with the variables that nobody may read (Kubernetes 1.36, core/v1). */
export const secretValues = derive('secret-values', function* (graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Workload)) {
    const { texts, sources } = graph.viewOf(secretVariables, construct);
    if (Object.keys(texts).length === 0) continue;
    yield {
      scope: construct,
      sources,
      manifest: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { ...metadataOf(construct, facts), name: secretNameOf(facts.name) },
        type: 'Opaque',
        stringData: texts,
      },
    };
  }
});

/** Pods read variables when they start, so a new value rolls them. */
export const secretChecksums = contribute('secret-values.checksum', PodAnnotations, function* (graph): Iterable<
  Part<TextPart>
> {
  for (const { construct, facts } of graph.having(Workload)) {
    const { texts, sources } = graph.viewOf(secretVariables, construct);
    const [source] = sources;
    if (source === undefined) continue;
    const value = graph.checksum(construct, 'checksum of secret variables', texts);
    yield { to: construct, source, part: { name: `secret.${LABEL_PREFIX}/${secretNameOf(facts.name)}`, value } };
  }
});
