import type { IConstruct } from 'constructs';
import { expand, rule, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { relation } from '../../model/relation';
import { Calls, portOfCall } from '../calls';
import { Endpoint, type EndpointFacts, type PortFacts } from '../endpoint';
import type { AuthorizerFacts } from './authorizer-facts';
import { Gateway, GatewayNeed, routesOf, type GatewayRoute } from './gateway';

/** A gateway asks an authorizer. */
export const Asks = relation<IConstruct, IConstruct, { readonly port: string }>('asks', ({ port }) => port);

/** Where there are pods, asking is a call: the way is open for this pair, and the authorizer knows who asks. */
export const authorizerCalls = expand('gateway.authorizers', Asks, ({ from, to, facts }, build) => {
  if (build.backEnd(GatewayNeed).can.has('authorizer')) build.relate(Calls, from, to, { port: facts.port, env: {} });
});

/** A route whose requests are asked about. */
export type AskedRoute = GatewayRoute & { readonly facts: { readonly authorizer: AuthorizerFacts } };

/** Those of a gateway. */
export function askedRoutes(graph: Graph, gateway: IConstruct): readonly AskedRoute[] {
  return routesOf(graph, gateway).filter(isAsked);
}

/** True where the authorizer of a route is nowhere: nobody gets through, even where the finding was accepted. */
export function isUnasked(graph: Graph, route: GatewayRoute): boolean {
  return isAsked(route) && authorizerOf(graph, route) === undefined;
}

function isAsked(route: GatewayRoute): route is AskedRoute {
  return route.facts.authorizer !== undefined;
}

/** Where an authorizer listens. */
export interface Listening {
  readonly endpoint: Readonly<EndpointFacts>;
  readonly port: PortFacts;
}

/** Where the authorizer of a route listens; undefined where a rule tells that it does not. */
export function authorizerOf(graph: Graph, { from, facts }: AskedRoute): Listening | undefined {
  const { path, port: name } = facts.authorizer;
  const asked = graph.from(from, Asks).find(({ to }) => to.node.path === path);
  const endpoint = asked === undefined ? undefined : graph.facts(asked.to, Endpoint);
  const port = portOfCall(endpoint, { port: name });
  return endpoint === undefined || port === undefined ? undefined : { endpoint, port };
}

/** Who is asked speaks what it is asked in, and is in the cluster, where nobody else hears it. */
export const authorizerRules = rule('gateway.authorizers', function* (graph): Iterable<RuleFinding> {
  const gateways = graph.having(Gateway).map(({ construct }) => construct);
  for (const route of gateways.flatMap((gateway) => askedRoutes(graph, gateway))) {
    const found = authorizerOf(graph, route);
    if (found === undefined) {
      yield nobodyAsked(route);
      continue;
    }
    const { path, protocol } = route.facts.authorizer;
    if (found.port.protocol !== protocol) yield wrongProtocol(route, found.port.protocol);
    if ('name' in found.endpoint.host) {
      yield {
        at: route.from,
        code: 'authorizer-outside',
        message: `${path} is asked outside the cluster, where tokens and cookies would cross the network as they are.`,
        field: `route ${route.facts.path}: auth`,
        got: `${found.endpoint.host.name} at ${route.source.at}`,
        allowed: 'a service of the platform, or one of the cluster',
        fix: 'Run it as a Microservice; oauth2-proxy and OPA are one image each.',
      };
    }
  }
});

/** A filter that asks nobody would let everybody in. */
function nobodyAsked({ from, facts, source }: AskedRoute): RuleFinding {
  return {
    at: from,
    code: 'authorizer-missing',
    message: `Nobody would be asked about requests to ${facts.path}.`,
    field: `route ${facts.path}: auth`,
    got: `${facts.authorizer.path}, which is not here or has no such port, at ${source.at}`,
    allowed: 'an authorizer that is in the environment, and one of its ports',
    fix: 'Name its port, or leave the route out where the authorizer is left out.',
  };
}

function wrongProtocol({ from, facts, source }: AskedRoute, spoken: string): RuleFinding {
  const { path, protocol } = facts.authorizer;
  return {
    at: from,
    code: 'wrong-protocol',
    message: `${path} is asked over ${protocol}, and does not speak it.`,
    field: `route ${facts.path}: auth`,
    got: `${spoken} at ${source.at}`,
    allowed: protocol,
    fix: 'Name the port that speaks it, or ask over the protocol of the port.',
  };
}
