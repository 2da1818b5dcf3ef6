import type { Derived } from '../../../model/extension';
import type { Graph } from '../../../model/graph';
import { Context } from '../../context';
import type { Membership } from '../mesh';
import { portsForOutsiders } from './authorization';
import { istioObject } from './objects';
import type { IstioOptions } from './options';

/**
 * What holds for all pods of a context: mutual TLS, nobody is let in who is not declared, what proxies tell
 * (Istio API 1.31, security.istio.io/v1, telemetry.istio.io/v1).
 */
export function* contextObjects(graph: Graph, options: IstioOptions): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Context)) {
    const { namespace } = facts;
    const manifests = [
      istioObject('security', 'PeerAuthentication', construct, { name: 'default', namespace }, mutualTls()),
      // Without a rule nobody matches, and with a policy that allows, who does not match is refused.
      istioObject('security', 'AuthorizationPolicy', construct, { name: 'default-deny', namespace }, {}),
      istioObject('telemetry', 'Telemetry', construct, { name: 'default', namespace }, telemetry(options)),
    ];
    for (const manifest of manifests) yield { scope: construct, manifest };
  }
}

function mutualTls(): object {
  return { mtls: { mode: 'STRICT' } };
}

function telemetry({ accessLog, traceSampling }: IstioOptions): object {
  const logging = {
    providers: [{ name: 'envoy' }],
    ...(accessLog === 'errors' && { filter: { expression: 'response.code >= 400 || response.code == 0' } }),
    ...(accessLog === 'none' && { disabled: true }),
  };
  return { accessLogging: [logging], tracing: [{ randomSamplingPercentage: traceSampling }] };
}

/** Ports that are exposed to what is outside the mesh take plain text, too; all others of the pod do not. */
export function* exposedPorts(graph: Graph, all: readonly Membership[]): Iterable<Derived> {
  for (const member of all) {
    const ports = portsForOutsiders(graph, member);
    if (ports.length === 0) continue;
    const { construct, name, namespace, selector } = member;
    yield {
      scope: construct,
      manifest: istioObject(
        'security',
        'PeerAuthentication',
        construct,
        { name, namespace, of: name },
        {
          selector: { matchLabels: selector },
          ...mutualTls(),
          portLevelMtls: Object.fromEntries(ports.map((port) => [String(port), { mode: 'PERMISSIVE' }])),
        },
      ),
    };
  }
}
