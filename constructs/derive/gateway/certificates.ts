import { derive, prerequisite, type Derived, type NeededBy } from '../../model/extension';
import { CERT_MANAGER, renderCertificate } from '../cert-manager';
import { sharedMetadata } from '../labels';
import { Gateway, GatewayNeed } from './gateway';

/** What issuers are asked for: one certificate a gateway, for all of its names. */
export const certificates = derive('gateway.certificates', function* (graph): Iterable<Derived> {
  if (!graph.backEnd(GatewayNeed).runs) return;
  for (const { construct, facts } of graph.having(Gateway)) {
    const { namespace, hosts, tls } = facts;
    if (tls.issuer === undefined) continue;
    const metadata = sharedMetadata(construct, construct.node.id, namespace);
    const wish = { secretName: tls.secret, dnsNames: hosts, issuer: tls.issuer };
    yield { scope: construct, manifest: renderCertificate(metadata, wish) };
  }
});

/** Certificates are kept by cert-manager, or made by people. */
export const certificatePrerequisites = prerequisite('gateway.certificates', function* (graph): Iterable<NeededBy> {
  if (!graph.backEnd(GatewayNeed).runs) return;
  for (const { construct: at, facts } of graph.having(Gateway)) {
    const { secret: name, issuer } = facts.tls;
    if (issuer !== undefined) {
      yield { at, needs: CERT_MANAGER };
      continue;
    }
    const keys = { 'tls.crt': { known: `${name}.crt` }, 'tls.key': { known: `${name}.key` } };
    const { namespace } = facts;
    yield { at, needs: { type: 'secret', namespace, name, kind: 'kubernetes.io/tls', keys, generated: false } };
  }
});
