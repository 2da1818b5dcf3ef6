import type { IConstruct } from 'constructs';
import { capability } from '../model/capability';
import { realize, rule, type RuleFinding } from '../model/extension';
import type { Graph } from '../model/graph';
import { groupBy } from '../model/order';
import type { Source } from '../model/source';
import { callersOf } from './callers';
import { Endpoint, type EndpointFacts } from './endpoint';
import { AlsoRoutesTo } from './gateway/destinations';
import { RoutesTo, areApart, nameOfMatch, type GatewayRouteFacts } from './gateway/gateway';

/** How far a path has moved. */
export interface PhaseFacts {
  /** As `Phase` calls it. */
  readonly name: 'facade' | 'shadow' | 'weighted' | 'moved' | 'decommissioned';
  /** How many of 100 requests the new service gets: answers, or copies in the phase `shadow`. */
  readonly percent: number;
}

/** A path on its way. */
export interface MoveFacts {
  /** Path, and all below it: `/cart`. */
  readonly path: string;
  /** The words of its route, by which it is told from others on the same path. */
  readonly route: string;
  /** How far it is. */
  readonly phase: PhaseFacts;
}

/** Something old that is replaced path by path, behind a gateway. */
export interface StranglerFacts {
  /** Through which clients come. */
  readonly gateway: IConstruct;
  /** What is replaced. */
  readonly legacy: IConstruct;
  /** The route of everything that was not named. */
  readonly rest: GatewayRouteFacts;
  /** The paths that were named. */
  readonly moves: readonly MoveFacts[];
}

/** The capability of replacing something path by path. */
export const Strangler = capability<StranglerFacts>('strangler');

/** Phases in which the old one answers nothing of a path. */
const LEFT: ReadonlySet<string> = new Set(['moved', 'decommissioned']);

/** True for a path of which the old one answers nothing any more. */
export function hasLeft({ phase }: Pick<MoveFacts, 'phase'>): boolean {
  return LEFT.has(phase.name);
}

function isDecommissioned({ moves }: StranglerFacts): boolean {
  return moves.some(({ phase }) => phase.name === 'decommissioned');
}

/** What nobody named goes to the old one, while that is there. */
export const stranglerFacade = realize('strangler.facade', Strangler, (_, facts, build) => {
  const { gateway, legacy, rest, moves } = facts;
  const isNamed = moves.some(({ route }) => route === nameOfMatch(rest));
  if (!isNamed && !isDecommissioned(facts)) build.relate(RoutesTo, gateway, legacy, rest);
});

/** Each path is the gateway's only one, and what is gone is needed by nobody. */
export const stranglerRules = rule('strangler', function* (graph): Iterable<RuleFinding> {
  const taken = new Map<string, IConstruct>();
  for (const { construct, facts } of graph.having(Strangler)) {
    yield* takenTwice(taken, construct, facts);
    yield* elsewhere(graph, construct, facts);
    if (!isDecommissioned(facts)) continue;
    for (const { path, phase } of facts.moves.filter((move) => !hasLeft(move)))
      yield stillThere(construct, facts, `${path} in the phase ${phase.name}`);
    for (const { by, at } of usersOf(graph, facts.legacy)) yield stillThere(construct, facts, `${by} at ${at}`);
  }
});

/** Paths that another strangler fig moves, too. */
function* takenTwice(
  taken: Map<string, IConstruct>,
  at: IConstruct,
  { gateway, moves }: StranglerFacts,
): Iterable<RuleFinding> {
  for (const { route } of moves) {
    const place = `${gateway.node.path} ${route}`;
    const first = taken.get(place);
    if (first === undefined) taken.set(place, at);
    else {
      yield {
        at,
        code: 'path-twice',
        message: `${route} is in a phase of two strangler figs.`,
        field: `moves ${route}`,
        got: `${first.node.path} moves it, too`,
        allowed: 'one phase for each path of a gateway, or for each of its methods',
        fix: 'Remove one of them.',
      };
    }
  }
}

/** Routes on the same path that somebody else made. The same route twice is found as `route-shadowed`. */
function* elsewhere(graph: Graph, at: IConstruct, { gateway, moves }: StranglerFacts): Iterable<RuleFinding> {
  const named = new Set(moves.map(({ route }) => route));
  const all = groupBy(graph.from(gateway, RoutesTo), ({ facts }) => named.has(nameOfMatch(facts)));
  const own = groupBy(all.get(true) ?? [], ({ facts }) => facts.path);
  for (const { to, facts, source } of all.get(false) ?? []) {
    if (own.get(facts.path)?.every((one) => areApart(one.facts, facts)) ?? true) continue;
    yield {
      at,
      code: 'path-routed-elsewhere',
      message: `The gateway leads a part of ${facts.path} past its phase, to ${to.node.path}.`,
      field: `moves ${facts.path}`,
      got: `${nameOfMatch(facts)} at ${source.at}`,
      allowed: 'one place that says where a path goes',
      fix: 'Remove the route of the gateway, or name its methods or header here, too.',
    };
  }
}

function stillThere(at: IConstruct, { legacy }: StranglerFacts, got: string): RuleFinding {
  return {
    at,
    code: 'legacy-in-use',
    message: `${legacy.node.path} is decommissioned, and somebody needs it still.`,
    field: 'phase',
    got,
    allowed: 'paths that are moved or decommissioned, and no call or route that leads there',
    fix: 'Move what is left first; until then the phase is Phase.moved().',
  };
}

/** Who needs the old one, by whatever name the program knows its host. */
function* usersOf(graph: Graph, legacy: IConstruct): Iterable<Source> {
  const host = hostKey(graph.facts(legacy, Endpoint));
  const same = graph.having(Endpoint).filter(({ facts }) => hostKey(facts) === host);
  for (const { construct } of same) {
    for (const { from, facts, source } of graph.to(construct, RoutesTo)) {
      yield { by: `the route ${nameOfMatch(facts)} of ${from.node.path}`, at: source.at };
    }
    for (const { from, facts, source } of graph.to(construct, AlsoRoutesTo)) {
      yield { by: `the route ${facts.route} of ${from.node.path}`, at: source.at };
    }
    // What a gateway calls are its routes.
    const { services, standbys } = callersOf(graph, construct);
    for (const { source } of [...services, ...standbys]) yield source;
  }
}

function hostKey(facts: EndpointFacts | undefined): string {
  if (facts === undefined) return '';
  const { host } = facts;
  return 'name' in host ? host.name.toLowerCase() : `${host.service}.${host.namespace}`;
}
