import type { IConstruct } from 'constructs';
import { rule, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { byText } from '../../model/order';
import { Calls } from '../calls';
import { Endpoint } from '../endpoint';
import { Reads } from '../reads';
import { Maintains, Owns, Store } from '../stores/store';
import { Workload } from '../workload';
import { Config } from './facts';
import { portOf } from './reload';
import { configVersions, readings, type Reading } from './versions';

/** Everything that is wrong with a platform's configuration. */
export const configRules = rule('config', function* (graph): Iterable<RuleFinding> {
  for (const { construct, facts } of graph.having(Config)) {
    const given = [...Object.keys(facts.values), ...Object.keys(facts.quotes)];
    for (const key of given.filter((one) => !(one in facts.schema)))
      yield { at: construct, ...unknownKey(key, `values.${key}`, Object.keys(facts.schema)) };
    for (const version of graph.viewOf(configVersions, construct)) {
      for (const problem of version.problems) yield { at: construct, ...problem };
    }
  }
  yield* unknownInLayers(graph);
  for (const reading of graph.view(readings)) {
    if (reading.version.quotes.length > 0) yield* unreachable(graph, reading);
    if (reading.facts.reload !== undefined) yield* untold(graph, reading);
  }
});

/** Keys that a layer gives, and no configuration has: not even one that this environment does without. */
function* unknownInLayers(graph: Graph): Iterable<RuleFinding> {
  const configs = [...graph.leftOut(Config), ...graph.having(Config)];
  const known = new Set(configs.flatMap(({ facts }) => Object.keys(facts.schema)));
  for (const layer of graph.environment.layers) {
    const sets = [layer.config, ...Object.values(layer.services).map(({ config }) => config)];
    for (const [key, { at }] of sets.flatMap((config) => Object.entries(config))) {
      if (!known.has(key)) yield { at: graph.root, ...unknownKey(key, at, [...known]) };
    }
  }
}

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

/** An address in a file opens no way: whoever reads it has to say that it calls. */
function* unreachable(graph: Graph, { config, version, to: reader }: Reading): Iterable<RuleFinding> {
  for (const peer of version.quotes) {
    if (!canBeReached(graph, peer) || reaches(graph, reader, peer)) continue;
    yield {
      at: reader,
      code: 'quoted-but-not-called',
      severity: 'warning',
      message: `It reads the address of ${peer.node.path} and has no way there.`,
      field: config.node.path,
      got: `no call of ${peer.node.id}`,
      allowed: 'a call, for who reads an address goes there',
      fix: `Say ${reader.node.id}.calls(${peer.node.id}), or accept the finding with a reason.`,
    };
  }
}

function canBeReached(graph: Graph, peer: IConstruct): boolean {
  return graph.facts(peer, Endpoint) !== undefined || graph.facts(peer, Store) !== undefined;
}

function reaches(graph: Graph, reader: IConstruct, peer: IConstruct): boolean {
  const ways = [graph.from(reader, Calls), graph.from(reader, Owns), graph.from(reader, Reads)];
  return [...ways, graph.from(reader, Maintains)].some((edges) => edges.some(({ to }) => to === peer));
}

/** A process is told at a port that it has. */
function* untold(graph: Graph, { config, facts, to: reader }: Reading): Iterable<RuleFinding> {
  if (facts.reload === undefined || !('post' in facts.reload)) return;
  const { port } = facts.reload.post;
  if (portOf(graph, reader, port) !== undefined) return;
  yield {
    at: reader,
    code: 'unknown-port',
    message: `${config.node.path} is to be reloaded at a port that ${reader.node.id} does not have.`,
    field: 'ports',
    got: port,
    allowed: portsOf(graph, reader).join(', ') || 'nothing: it listens on no port',
    fix: 'Add the port, or name one that all readers have.',
  };
}

function portsOf(graph: Graph, reader: IConstruct): readonly string[] {
  return graph.facts(reader, Workload)?.container.ports.map(({ name }) => name) ?? [];
}
