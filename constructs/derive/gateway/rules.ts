import type { IConstruct } from 'constructs';
import { prerequisite, rule, type NeededBy, type RuleFinding } from '../../model/extension';
import { portOfCall } from '../calls';
import { Endpoint } from '../endpoint';
import { hasRequests } from '../resilience/conditions';
import { Gateway, GatewayNeed, isBelow, routesOf, type GatewayRoute } from './gateway';

/** A name leads to one gateway. */
const hosts = rule('gateway.hosts', function* (graph): Iterable<RuleFinding> {
  const taken = new Map<string, IConstruct>();
  for (const { construct, facts } of graph.having(Gateway)) {
    for (const host of facts.hosts) {
      const first = taken.get(host);
      if (first === undefined) taken.set(host, construct);
      else {
        yield {
          at: construct,
          code: 'host-taken',
          message: `${host} is claimed twice.`,
          field: 'hosts',
          got: `${first.node.path} claims it, too`,
          allowed: 'one gateway for a name',
          fix: 'Take it away from one of them, or move its routes to the other.',
        };
      }
    }
  }
});

/** Routes lead somewhere, end some time, and are reached. */
const routes = rule('gateway.routes', function* (graph): Iterable<RuleFinding> {
  for (const { construct } of graph.having(Gateway)) {
    const all = routesOf(graph, construct);
    for (const [index, route] of all.entries()) {
      const { facts, to } = route;
      const endpoint = graph.facts(to, Endpoint);
      const port = portOfCall(endpoint, { port: facts.port });
      if (port === undefined || !hasRequests(port.protocol))
        yield nowhere(route, endpoint?.ports.map(({ name }) => name) ?? []);
      if (facts.timeoutMs === undefined) yield endless(route);
      const shadow = all.slice(0, index).find((other) => takesAll(other, route));
      if (shadow !== undefined) yield shadowed(route, shadow);
    }
  }
});

/** True where nothing is left for the second of two routes. */
function takesAll(first: GatewayRoute, second: GatewayRoute): boolean {
  if (!isBelow(second.facts.path, first.facts.path)) return false;
  const { methods } = first.facts;
  if (methods.length === 0) return true;
  return second.facts.methods.length > 0 && second.facts.methods.every((method) => methods.includes(method));
}

function nowhere({ from, to, facts, source }: GatewayRoute, ports: readonly string[]): RuleFinding {
  return {
    at: from,
    code: 'unknown-port',
    message: `The route ${facts.path} leads to no port of ${to.node.path} that speaks HTTP or gRPC.`,
    field: 'port',
    got: `${facts.port === '' ? 'none named' : facts.port} at ${source.at}`,
    allowed: ports.join(', ') || 'nothing: it listens on no port',
    fix: 'Name a port that speaks HTTP or gRPC.',
  };
}

function endless({ from, facts, source }: GatewayRoute): RuleFinding {
  return {
    at: from,
    code: 'route-without-timeout',
    severity: 'warning',
    message: `Clients of ${facts.path} wait without end.`,
    field: `route ${facts.path}: timeout`,
    got: `none at ${source.at}`,
    allowed: 'a timeout for each route',
    fix: 'Give timeout: Duration.seconds(5).',
  };
}

function shadowed({ from, facts, source }: GatewayRoute, by: GatewayRoute): RuleFinding {
  return {
    at: from,
    code: 'route-shadowed',
    message: `No request finds the route ${[facts.path, ...facts.methods].join(' ')}.`,
    field: `route ${facts.path}`,
    got: `${source.at}, behind ${by.source.at}`,
    allowed: 'paths and methods that another route leaves over',
    fix: 'Remove it, or change the path or the methods of one of the two.',
  };
}

/** Certificates are made by people, or by what they run. */
const certificates = prerequisite('gateway.certificates', function* (graph): Iterable<NeededBy> {
  if (!graph.backEnd(GatewayNeed).runs) return;
  for (const { construct: at, facts } of graph.having(Gateway)) {
    const { namespace, tlsSecret: name } = facts;
    const keys = { 'tls.crt': { known: `${name}.crt` }, 'tls.key': { known: `${name}.key` } };
    yield { at, needs: { type: 'secret', namespace, name, kind: 'kubernetes.io/tls', keys, generated: false } };
  }
});

/** What is wrong with gateways, and what they need. */
export const gatewayRules = [hosts, routes, certificates];
