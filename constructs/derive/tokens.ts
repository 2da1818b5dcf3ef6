import type { IConstruct } from 'constructs';
import { capability } from '../model/capability';
import { rule, type RuleFinding } from '../model/extension';
import type { Graph } from '../model/graph';
import { Endpoint, type PortFacts } from './endpoint';
import type { JwtFacts } from './gateway/gateway';
import { OutsideMesh } from './mesh/mesh';
import { hasRequests } from './resilience/conditions';

/** A service that wants a token of whoever calls it. */
export interface TokenFacts {
  /** Which tokens it takes. */
  readonly jwt: JwtFacts;
  /** Name of the port; empty: all that speak HTTP or gRPC. */
  readonly port: string;
}

/** The capability of wanting tokens. */
export const WantsToken = capability<TokenFacts>('wants-token');

/** Ports on which a service wants a token. */
export function guardedPorts(graph: Graph, service: IConstruct, { port }: TokenFacts): readonly PortFacts[] {
  const ports = graph.facts(service, Endpoint)?.ports ?? [];
  return ports.filter(({ name, protocol }) => hasRequests(protocol) && (port === '' || name === port));
}

/** A token is looked at by a proxy, in requests; where one of both is not there, nobody looks. */
export const tokenRules = rule('tokens', function* (graph): Iterable<RuleFinding> {
  for (const { construct: at, facts } of graph.having(WantsToken)) {
    const outside = graph.facts(at, OutsideMesh);
    if (outside !== undefined) yield unchecked(at, `it is kept outside the mesh: ${outside.reason}`);
    if (guardedPorts(graph, at, facts).length > 0) continue;
    const names = graph.facts(at, Endpoint)?.ports.map(({ name }) => name) ?? [];
    yield {
      at,
      code: 'unknown-port',
      message: 'It wants a token on a port that does not speak HTTP or gRPC, or is not there.',
      field: 'requires: port',
      got: facts.port === '' ? 'none named' : facts.port,
      allowed: names.join(', ') || 'nothing: it listens on no port',
      fix: 'Name a port that speaks HTTP or gRPC.',
    };
  }
});

function unchecked(at: IConstruct, got: string): RuleFinding {
  return {
    at,
    code: 'token-unchecked',
    message: 'It wants a token, and no proxy stands before it that would look at one.',
    field: 'requires',
    got,
    allowed: 'a service in the mesh',
    fix: 'Let it into the mesh, or check tokens in the program and take requires out.',
  };
}
