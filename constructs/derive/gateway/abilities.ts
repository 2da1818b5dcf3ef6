import type { IConstruct } from 'constructs';
import { namesOfAble } from '../../model/back-end';
import { rule, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { Endpoint } from '../endpoint';
import { versionsOf } from '../rollout/ways';
import { destinationsOf, type Destination } from './destinations';
import {
  Gateway,
  GatewayNeed,
  namesApart,
  isBelow,
  nameOfMatch,
  routesOf,
  type GatewayAbility,
  type GatewayRoute,
} from './gateway';
import { GATEWAY_API_CAN } from './gateway-api';
import { isKept } from './headers';
import { ISTIO_GATEWAY_CAN } from './istio';

/** What the gateways that Ashlar knows can do, so that a finding names those that can. */
const ABILITIES: Readonly<Record<string, ReadonlySet<GatewayAbility>>> = {
  istio: ISTIO_GATEWAY_CAN,
  ...GATEWAY_API_CAN,
};

/** What is asked for and nobody does. In development that is told, and everything goes on without it. */
export const cannot = rule('gateway.cannot', function* (graph): Iterable<RuleFinding> {
  const { name, can, runs } = graph.backEnd(GatewayNeed);
  if (!runs) return;
  const severity = graph.environment.tier === 'development' ? 'warning' : 'error';
  for (const { at, field, by, abilities } of wishes(graph)) {
    const missing = abilities.filter((ability) => !can.has(ability));
    if (missing.length === 0) continue;
    yield {
      at,
      code: 'gateway-cannot',
      severity,
      message: `The gateway ${name} does not do what ${field} asks for: ${missing.join(', ')}.`,
      field,
      got: by,
      allowed: namesOfAble(ABILITIES, missing) || 'no gateway that is known',
      fix: 'Choose one of them under backEnds.gateway of the environment, or take it out of the program.',
    };
  }
});

interface Wish {
  readonly at: IConstruct;
  readonly field: string;
  readonly by: string;
  readonly abilities: readonly GatewayAbility[];
}

function* wishes(graph: Graph): Iterable<Wish> {
  for (const { construct: at, facts } of graph.having(Gateway)) {
    const { compression, scale } = facts;
    yield { at, field: 'the gateway', by: at.node.path, abilities: asked({ compression, scale }) };
    for (const route of routesOf(graph, at)) {
      const { source } = route;
      const field = `route ${nameOfMatch(route.facts)}`;
      const abilities = [...abilitiesOf(graph, route), ...asked({ 'host-before-path': shorter(route, graph) })];
      yield { at, field, by: `${source.by} at ${source.at}`, abilities };
    }
  }
}

function abilitiesOf(graph: Graph, route: GatewayRoute): readonly GatewayAbility[] {
  const { facts, to } = route;
  const { jwt, authorizer, rateLimit, cors, rewrite, timeoutMs, maxRequestBytes, backendTls } = facts;
  const { requestHeaders, responseHeaders, deprecation } = facts;
  const destinations = destinationsOf(graph, route);
  const hosts = destinations.map(({ to }) => graph.facts(to, Endpoint)?.host);
  return asked({
    jwt,
    authorizer,
    cors,
    rewrite,
    'rate-limit': rateLimit,
    timeout: timeoutMs,
    'request-size': maxRequestBytes,
    'header-changes': requestHeaders ?? responseHeaders ?? deprecation,
    caching: isKept(facts) || undefined,
    weights: versionsOf(graph, to)?.split ?? destinations.find(isPart),
    mirror: destinations.find(({ as }) => as === 'copy'),
    'backend-tls': backendTls,
    'outside-host': hosts.find((host) => host !== undefined && 'name' in host),
  });
}

/** A route of one name that is tried before a longer path of all names. */
function shorter({ facts, from }: GatewayRoute, graph: Graph): true | undefined {
  const { host, path } = facts;
  const others = routesOf(graph, from);
  if (host === undefined || namesApart(others).has(host)) return undefined;
  const isLonger = (other: GatewayRoute): boolean => other.facts.path !== path && isBelow(other.facts.path, path);
  return others.some((other) => other.facts.host === undefined && isLonger(other)) ? true : undefined;
}

function isPart({ as, percent }: Destination): boolean {
  return as === 'share' && percent < 100;
}

function asked(wanted: { readonly [A in GatewayAbility]?: unknown }): readonly GatewayAbility[] {
  const entries = Object.entries(wanted) as (readonly [GatewayAbility, unknown])[];
  return entries.filter(([, value]) => value !== undefined).map(([ability]) => ability);
}
