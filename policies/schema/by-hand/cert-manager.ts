/**
 * The fields of a Certificate of cert-manager 1.21 that Ashlar writes (cert-manager.io/v1). Source: cert-manager's
 * `deploy/crds`; a proof sends what is written to a server that has those definitions.
 */
import type { RawType } from '../raw';

/** Kinds by name. */
export const CERT_MANAGER: Readonly<Record<string, RawType>> = {
  Certificate: {
    f: {
      secretName: 's',
      dnsNames: ['[]', 's'],
      issuerRef: { f: { name: 's', kind: 's', group: 's' }, r: ['name'] },
      duration: 's',
      renewBefore: 's',
      privateKey: { f: { rotationPolicy: ['|', 'Never', 'Always'] } },
    },
    r: ['issuerRef', 'secretName'],
  },
};
