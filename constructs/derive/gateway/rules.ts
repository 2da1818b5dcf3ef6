import type { IConstruct } from 'constructs';
import { prerequisite, rule, type NeededBy, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { Endpoint, leadsApart } from '../endpoint';
import { MeshNeed } from '../mesh/mesh';
import { versionsOf } from '../rollout/ways';
import { destinationsOf, reachedBy, takesRequests, type Destination } from './destinations';
import {
  Gateway,
  GatewayNeed,
  areApart,
  covers,
  exclude,
  isBelow,
  nameOfMatch,
  routesOf,
  type GatewayRoute,
} from './gateway';

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
  for (const { construct, facts: gateway } of graph.having(Gateway)) {
    const all = routesOf(graph, construct);
    for (const [index, route] of all.entries()) {
      yield* strange(route, gateway.hosts);
      for (const destination of destinationsOf(graph, route).filter((one) => !isReached(graph, one)))
        yield nowhere(graph, route, destination);
      yield* splitTwice(graph, route);
      yield* testersWithoutWay(graph, route);
      if (route.facts.timeoutMs === undefined) yield endless(route);
      yield* behind(route, all.slice(0, index));
    }
  }
});

/** What is left of a route by those that are tried before it. */
function* behind(route: GatewayRoute, earlier: readonly GatewayRoute[]): Iterable<RuleFinding> {
  const shadow = earlier.find((other) => takesAll(other, route));
  if (shadow !== undefined) yield shadowed(route, shadow);
  for (const other of earlier) if (overlap(other, route)) yield overlapping(route, other);
}

/** True where nothing is left for the second of two routes. */
function takesAll(first: GatewayRoute, second: GatewayRoute): boolean {
  return isBelow(second.facts.path, first.facts.path) && covers(first.facts, second.facts);
}

/** True where some requests fit both of two routes on a path, and each takes others besides: neither is the narrower. */
function overlap(first: GatewayRoute, second: GatewayRoute): boolean {
  if (first.facts.path !== second.facts.path || first.facts.host !== second.facts.host) return false;
  if (areApart(first.facts, second.facts)) return false;
  return !covers(first.facts, second.facts) && !covers(second.facts, first.facts);
}

function isReached(graph: Graph, destination: Destination): boolean {
  const reached = reachedBy(graph, destination);
  return reached !== undefined && takesRequests(reached);
}

/** A route shares or copies what goes to a service that leads it to one of its versions in its turn. */
function* splitTwice(graph: Graph, route: GatewayRoute): Iterable<RuleFinding> {
  const all = destinationsOf(graph, route);
  const released = all.filter(({ to }) => leadsApart(versionsOf(graph, to))).map(({ to }) => to.node.path);
  if (all.length > 1 && released.length > 0) yield twiceSplit(route, released);
}

/** A route wants another value of the header by which testers of its service are told. */
function* testersWithoutWay(graph: Graph, { from, to, facts, source }: GatewayRoute): Iterable<RuleFinding> {
  const testers = versionsOf(graph, to)?.testers;
  if (testers === undefined || !exclude(facts.when, testers)) return;
  yield {
    at: from,
    code: 'testers-without-way',
    severity: 'warning',
    message: `No request of ${nameOfMatch(facts)} is that of a tester of ${to.node.path}.`,
    field: `route ${nameOfMatch(facts)}: when`,
    got: `${testers.header}: ${testers.value} of testers, on the route at ${source.at}`,
    allowed: `another header than ${testers.header}`,
    fix: 'Tell testers by another header, or accept the finding: they have no way here.',
  };
}

function twiceSplit({ from, facts, source }: GatewayRoute, released: readonly string[]): RuleFinding {
  return {
    at: from,
    code: 'split-twice',
    message: `Requests of ${facts.path} are shared or copied, and one of those that get them is there in two versions.`,
    field: `route ${nameOfMatch(facts)}`,
    got: `${released.join(', ')} in two versions, on the route at ${source.at}`,
    allowed: 'one that is shared at a time: the path, or the versions of the service',
    fix: 'Release the service without a canary and without testers while its path moves.',
  };
}

/** A name that leads to another gateway, or to none, brings no request here. */
function* strange({ from, facts, source }: GatewayRoute, hosts: readonly string[]): Iterable<RuleFinding> {
  if (facts.host === undefined || hosts.includes(facts.host)) return;
  yield {
    at: from,
    code: 'unknown-host',
    message: `No request for ${facts.host} reaches this gateway.`,
    field: `route ${facts.path}: host`,
    got: `${facts.host} at ${source.at}`,
    allowed: hosts.join(', '),
    fix: 'Name one of its hosts, or add it to them.',
  };
}

function nowhere(graph: Graph, { from, facts }: GatewayRoute, { to, port, source }: Destination): RuleFinding {
  const ports = graph.facts(to, Endpoint)?.ports.map(({ name }) => name) ?? [];
  return {
    at: from,
    code: 'unknown-port',
    message: `The route ${facts.path} leads to no port of ${to.node.path} that speaks HTTP or gRPC.`,
    field: 'port',
    got: `${port === '' ? 'none named' : port} at ${source.at}`,
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
    message: `No request finds the route ${nameOfMatch(facts)}.`,
    field: `route ${facts.path}`,
    got: `${source.at}, behind ${by.source.at}`,
    allowed: 'paths and methods that another route leaves over',
    fix: 'Remove it, or change the path or the methods of one of the two.',
  };
}

function overlapping({ from, facts, source }: GatewayRoute, by: GatewayRoute): RuleFinding {
  return {
    at: from,
    code: 'route-overlap',
    message: `Some requests fit ${nameOfMatch(facts)} and ${nameOfMatch(by.facts)}, and neither takes all of the other's.`,
    field: `route ${facts.path}`,
    got: `${source.at} and ${by.source.at}`,
    allowed: 'routes of which one is narrower, or none of whose requests fit both',
    fix: 'Name the methods at both, so that the one with a header is the narrower.',
  };
}

/** What has to run for gateways. Where a mesh of the same releases runs, it says how. */
const releases = prerequisite('gateway.releases', function* (graph): Iterable<NeededBy> {
  const ofMesh = new Set(graph.backEnd(MeshNeed).releases.map(({ name }) => name));
  const own = graph.backEnd(GatewayNeed).releases.filter(({ name }) => !ofMesh.has(name));
  for (const { construct: at } of graph.having(Gateway)) for (const needs of own) yield { at, needs };
});

/** What is wrong with gateways, and what they need. */
export const gatewayRules = [hosts, routes, releases];
