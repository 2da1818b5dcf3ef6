import type { Derived } from '../../../model/extension';
import type { Graph } from '../../../model/graph';
import type { JwtFacts } from '../../gateway/gateway';
import { WantsToken, guardedPorts } from '../../tokens';
import type { Membership } from '../mesh';
import { istioObject } from './objects';

/**
 * Tokens that services want (Istio API 1.31, security.istio.io/v1): the keys of the issuer, and who is refused: whoever has
 * no token of it, and each claim that does not fit.
 */
export function* tokenPolicies(graph: Graph, all: readonly Membership[]): Iterable<Derived> {
  for (const { construct, name, namespace, selector: matchLabels } of all) {
    const facts = graph.facts(construct, WantsToken);
    const ports = facts === undefined ? [] : guardedPorts(graph, construct, facts);
    if (facts === undefined || ports.length === 0) continue;
    const { jwt } = facts;
    const to = [{ operation: { ports: ports.map(({ containerPort }) => String(containerPort)) } }];
    const rules = [{ from: [{ source: { notRequestPrincipals: principalsOf(jwt) } }], to }, ...misfits(jwt, to)];
    const selector = { matchLabels };
    const made = { scope: construct };
    yield {
      ...made,
      manifest: istioObject(
        'security',
        'RequestAuthentication',
        construct,
        { name, namespace, of: name },
        {
          selector,
          jwtRules: [jwtRule(jwt, jwt.audiences)],
        },
      ),
    };
    yield {
      ...made,
      manifest: istioObject(
        'security',
        'AuthorizationPolicy',
        construct,
        { name: `${name}-tokens`, namespace, of: name },
        {
          selector,
          action: 'DENY',
          rules,
        },
      ),
    };
  }
}

/** Whose tokens are looked at. They are handed on, for whoever is called next. */
export function jwtRule({ issuer, jwksUri }: JwtFacts, audiences: readonly string[]): object {
  return { issuer, audiences, jwksUri, forwardOriginalToken: true };
}

/** Whoever shows a token of the issuer. */
export function principalsOf({ issuer }: JwtFacts): readonly string[] {
  return [`${issuer}/*`];
}

/** Requests with a token of the issuer that is for others, or has a claim that does not fit. */
export function misfits(jwt: JwtFacts, to: readonly object[], when: readonly object[] = []): readonly object[] {
  const wants = [
    ['request.auth.audiences', jwt.audiences] as const,
    ...Object.entries(jwt.claims).map(([claim, values]) => [`request.auth.claims[${claim}]`, values] as const),
  ];
  return wants.map(([key, notValues]) => ({
    from: [{ source: { requestPrincipals: principalsOf(jwt) } }],
    to,
    when: [{ key, notValues }, ...when],
  }));
}
