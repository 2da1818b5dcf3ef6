import type { IConstruct } from 'constructs';
import { rule, type Derived, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { groupBy } from '../../model/order';
import { ownershipLabels } from '../labels';
import { podsOf } from '../traffic';
import { Gateway, GatewayNeed, nameOfMatch, type GatewayFacts } from './gateway';
import { ledBy, targetsOf, type Led, type LedTo } from './gateway-api-led';
import { kindOfRoutes } from './gateway-api-rules';

/** Leave for routes to lead into another namespace, for each Service, said there. */
export function* grants(graph: Graph, construct: IConstruct, facts: Readonly<GatewayFacts>): Iterable<Derived> {
  const led = ledBy(graph, construct);
  const away = led
    .flatMap(namedBy)
    .filter(({ service, destination: { to } }) => isAway(service, facts) && podsOf(graph, to) !== undefined);
  const kind = kindOfRoutes(led);
  for (const [, ofService] of groupBy(away, ({ service }) => `${service.namespace}/${service.name}`)) {
    const [first] = ofService;
    if (first === undefined) continue;
    const { name, namespace } = first.service;
    yield {
      scope: first.destination.to,
      sources: [...new Set(ofService.map(({ destination }) => destination.source))],
      manifest: {
        apiVersion: 'gateway.networking.k8s.io/v1beta1',
        kind: 'ReferenceGrant',
        metadata: {
          namespace,
          labels: { ...ownershipLabels(first.destination.to) },
          name: `${facts.namespace}-${construct.node.id}-${name}`,
        },
        spec: {
          from: [{ group: 'gateway.networking.k8s.io', kind, namespace: facts.namespace }],
          to: [{ group: '', kind: 'Service', name }],
        },
      },
    };
  }
}

/** The Services that the objects of a route name. */
function namedBy({ all, route: _, ...own }: Led): readonly LedTo[] {
  if (all.length > 1) return all;
  const { service } = own;
  return targetsOf(service.name, own).map((name) => ({ ...own, service: { ...service, name } }));
}

/** Leave that only others can give, in their namespace. */
export const grantRules = rule('gateway.grants', function* (graph): Iterable<RuleFinding> {
  if (graph.backEnd(GatewayNeed).name !== 'gateway-api') return;
  for (const { construct: at, facts } of graph.having(Gateway)) {
    const led = ledBy(graph, at);
    for (const { route, service, destination } of led.flatMap(({ all, route }) =>
      all.map((to) => ({ ...to, route })),
    )) {
      if (!isAway(service, facts) || podsOf(graph, destination.to) !== undefined) continue;
      const { by, at: line } = destination.source;
      yield {
        at,
        code: 'grant-needed',
        severity: 'warning',
        message: `Routes of ${facts.namespace} may not lead to ${service.namespace}, unless somebody there lets them.`,
        field: `route ${nameOfMatch(route.facts)}`,
        got: `${by} at ${line}`,
        allowed: `a ReferenceGrant in ${service.namespace} from ${facts.namespace} to the Service ${service.name}`,
        fix: 'Ask its owners for the ReferenceGrant, and accept this with who gave it.',
      };
    }
  }
});

function isAway({ namespace }: LedTo['service'], gateway: Readonly<GatewayFacts>): boolean {
  return namespace !== gateway.namespace;
}
