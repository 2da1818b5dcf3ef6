import { contribute, derive, type Derived } from '../../../model/extension';
import type { Part } from '../../../model/facet';
import type { Graph } from '../../../model/graph';
import type { IConstruct } from 'constructs';
import { byText } from '../../../model/order';
import { rollingConfigMap } from '../../config/rolling';
import { NAME_LABEL, ownershipLabels } from '../../labels';
import { PodEnv, PodVolumes, type EnvPart, type VolumePart } from '../../pod';
import { Workload } from '../../workload';
import { jsonOf, presetOf } from './presets';
import { librarySettings, type LibrarySettings } from './settings';

/** Folder of the files in the main container. */
const FOLDER = '/etc/resilience';

/** Name of the file that is no library's own. */
const FILE = 'resilience.json';

/** What a caller's library is told: a ConfigMap, its files in the main container, and the same as variables. */
export const libraryParts = [
  derive('resilience.library', function* (graph): Iterable<Derived> {
    for (const [caller, settings] of graph.view(librarySettings)) {
      const facts = graph.facts(caller, Workload);
      if (facts === undefined) continue;
      const { name, namespace } = facts;
      const labels = { [NAME_LABEL]: name, ...ownershipLabels(caller) };
      const metadata = { name: nameFor(graph, caller, settings), namespace, labels };
      yield {
        scope: caller,
        sources: settings.sources,
        hints: { keepEarlier: true },
        manifest: rollingConfigMap(metadata, filesOf(settings)),
      };
    }
  }),
  contribute('resilience.library.files', PodVolumes, function* (graph): Iterable<Part<VolumePart>> {
    for (const [to, settings] of graph.view(librarySettings)) {
      const part: VolumePart = {
        name: 'resilience',
        source: { configMap: { name: nameFor(graph, to, settings) } },
        mounts: [{ path: FOLDER, readOnly: true }],
      };
      for (const source of settings.sources) yield { to, source, part };
    }
  }),
  contribute('resilience.library.env', PodEnv, function* (graph): Iterable<Part<EnvPart>> {
    for (const [to, settings] of graph.view(librarySettings)) {
      const variables = { RESILIENCE_FILE: `${FOLDER}/${FILE}`, ...variablesOf(settings) };
      for (const [name, value] of Object.entries(variables)) {
        for (const source of settings.sources) yield { to, source, part: { name, value } };
      }
    }
  }),
];

function nameFor(graph: Graph, caller: IConstruct, settings: LibrarySettings): string {
  return `${graph.facts(caller, Workload)?.name ?? ''}-resilience-${graph.checksum(caller, 'resilience', filesOf(settings))}`;
}

function filesOf(settings: LibrarySettings): Readonly<Record<string, string>> {
  const calls = Object.entries(settings.calls).sort(([a], [b]) => byText(a, b));
  const sorted = { ...settings, calls: Object.fromEntries(calls) };
  return { [FILE]: jsonOf({ calls: sorted.calls }), ...presetOf(sorted) };
}

/** `RESILIENCE_BILLING_PAYMENTS_GRPC_TIMEOUT_MS`: numbers and texts, however deep, by their place. */
function variablesOf({ calls }: LibrarySettings): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  const add = (name: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) variables[name] = String(value);
    else if (isTexts(value)) variables[name] = value.join(',');
    else for (const [key, inner] of Object.entries(value)) add(`${name}_${inCapitals(key)}`, inner);
  };
  // What is answered instead has a form of its own, which only the file can hold.
  for (const [name, { fallback: _fallback, ...call }] of Object.entries(calls))
    add(`RESILIENCE_${inCapitals(name)}`, call);
  return variables;
}

function isTexts(value: object): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** `billing-payments-grpc`, `timeoutMs` as parts of a variable's name. */
function inCapitals(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}
