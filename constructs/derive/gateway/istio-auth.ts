import type { Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { byText, groupBy } from '../../model/order';
import { istioObject } from '../mesh/istio/objects';
import { jwtRule, misfits, principalsOf } from '../mesh/istio/tokens';
import { Gateway, routesOf, type GatewayRoute, type JwtFacts } from './gateway';
import { HTTPS, requestsOf, type Requests } from './istio-requests';

/**
 * Who gets through a gateway (Istio API 1.31, security.istio.io/v1): its ports are open to everybody, tokens are checked
 * wherever they come, and each route that wants one refuses those who have none that fits.
 */
export function* gatewayPolicies(graph: Graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Gateway)) {
    const { namespace } = facts;
    const { id } = construct.node;
    const selector = { matchLabels: { 'app.kubernetes.io/name': id } };
    const policy = (name: string, spec: object) =>
      istioObject('security', 'AuthorizationPolicy', construct, { name, namespace, of: id }, { selector, ...spec });
    const to = [{ operation: { ports: ['8080', HTTPS] } }];
    yield { scope: construct, manifest: policy(id, { action: 'ALLOW', rules: [{ to }] }) };
    const routes = routesOf(graph, construct);
    const guarded = routes.filter((route): route is Guarded => route.facts.jwt !== undefined);
    if (guarded.length === 0) continue;
    const sources = guarded.map(({ source }) => source);
    yield {
      scope: construct,
      sources,
      manifest: istioObject(
        'security',
        'RequestAuthentication',
        construct,
        { name: id, namespace, of: id },
        { selector, jwtRules: issuersOf(guarded) },
      ),
    };
    const rules = guarded.flatMap((route) =>
      requestsOf(route, routes).flatMap((requests) => refusals(route, requests)),
    );
    yield { scope: construct, sources, manifest: policy(`${id}-tokens`, { action: 'DENY', rules }) };
  }
}

type Guarded = GatewayRoute & { readonly facts: { readonly jwt: JwtFacts } };

/** Each issuer once, with the audiences of all routes; which of them a route wants, its own rule says. */
function issuersOf(routes: readonly Guarded[]): readonly object[] {
  const byIssuer = groupBy(routes, ({ facts }) => `${facts.jwt.issuer} ${facts.jwt.jwksUri}`);
  return [...byIssuer]
    .sort(([a], [b]) => byText(a, b))
    .flatMap(([, [first, ...others]]) => {
      if (first === undefined) return [];
      const audiences = new Set([first, ...others].flatMap(({ facts }) => facts.jwt.audiences));
      return [jwtRule(first.facts.jwt, [...audiences].sort(byText))];
    });
}

/**
 * Whose requests a route refuses: a header that holds no token of the issuer, and each claim that does not fit. Who sends
 * no header at all is answered by the route itself.
 */
function refusals({ facts: { jwt } }: Guarded, { to, when }: Requests): readonly object[] {
  return [
    {
      from: [{ source: { notRequestPrincipals: principalsOf(jwt) } }],
      to,
      when: [{ key: 'request.headers[authorization]', values: ['*'] }, ...when],
    },
    ...misfits(jwt, to, when),
  ];
}
