import type { IConstruct } from 'constructs';
import { rule, type RuleFinding } from '../../model/extension';
import { Calls, portOfCall } from '../calls';
import { Endpoint, hostOf, isEncrypted, type EndpointFacts, type PortFacts } from '../endpoint';
import { workloadOf } from './istio/peers';
import { TrafficIn } from '../traffic';
import { MeshNeed, members, memberships } from './mesh';

/** Who has no identity in the mesh is refused by everybody in it. */
const outsideCallers = rule('mesh.outside-callers', function* (graph): Iterable<RuleFinding> {
  if (!graph.backEnd(MeshNeed).can.has('mutual-tls')) return;
  const all = graph.view(memberships);
  for (const { construct } of members(graph)) {
    for (const { value, sources } of graph.collect(TrafficIn, construct)) {
      if (value.transport === 'UDP') continue;
      const caller = workloadOf(graph, value.peer);
      if (caller === undefined || all.get(caller)?.inside !== false) continue;
      yield {
        at: caller,
        code: 'caller-outside-mesh',
        message: `${construct.node.path} takes connections through mutual TLS only, and this one is outside the mesh.`,
        got: sources.map(({ by, at }) => `${by} at ${at}`).join('; '),
        allowed: 'callers in the mesh',
        fix: 'Bring the caller into the mesh, or keep the callee out of it, too.',
      };
    }
  }
});

/** Plain TCP names no host: without addresses, all that goes to the port goes to whichever host was declared. */
const unnamedHosts = rule('mesh.unnamed-hosts', function* (graph): Iterable<RuleFinding> {
  if (!graph.backEnd(MeshNeed).can.has('mutual-tls')) return;
  const told = new Set<IConstruct>();
  for (const { to, facts } of graph.all(Calls)) {
    const endpoint = graph.facts(to, Endpoint);
    const port = portOfCall(endpoint, facts);
    if (endpoint === undefined || port === undefined || told.has(to) || isTold(endpoint, port)) continue;
    told.add(to);
    yield {
      at: to,
      code: 'tcp-without-addresses',
      severity: 'warning',
      message: `A proxy cannot tell calls of ${graph.viewOf(hostOf, to)} from others to the port ${port.number}.`,
      field: 'addresses',
      got: 'none',
      allowed: 'the addresses of the peer, where it speaks plain TCP',
      fix: 'Give addresses, or a port that speaks HTTP, gRPC or TLS (tls-...).',
    };
  }
});

/** True where a proxy sees whom a caller wants. */
function isTold({ host, reach }: Readonly<EndpointFacts>, port: PortFacts): boolean {
  const hasAddresses = 'pods' in reach || reach.except.length === 0;
  return !('name' in host) || hasAddresses || port.protocol !== 'tcp' || isEncrypted(port);
}

/** What cannot work in the mesh that the environment chose. */
export const meshRules = [outsideCallers, unnamedHosts];
