import type { KubeObject } from '../model/kube-object';
import type { ReleasePrerequisite } from '../model/prerequisite';

/** The controller that gets certificates and renews them (cert-manager 1.21). */
export const CERT_MANAGER: ReleasePrerequisite = {
  type: 'release',
  name: 'cert-manager',
  namespace: 'cert-manager',
  chart: { repository: 'https://charts.jetstack.io', name: 'cert-manager', version: 'v1.21.2' },
  version: '1.21.2',
  groups: ['cert-manager.io', 'acme.cert-manager.io'],
  values: { crds: { enabled: true } },
};

/** What a certificate is for. */
export interface CertificateWish {
  /** Secret that holds it, of the type `kubernetes.io/tls`. */
  readonly secretName: string;
  /** Names that it is valid for; at least one. */
  readonly dnsNames: readonly string[];
  /** Who signs it. */
  readonly issuer: { readonly kind: string; readonly name: string };
}

/** What an issuer is asked for (cert-manager 1.21, cert-manager.io/v1): with each certificate comes a new key. */
export function renderCertificate(
  metadata: KubeObject['metadata'],
  { secretName, dnsNames, issuer }: CertificateWish,
): KubeObject {
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata,
    spec: {
      secretName,
      dnsNames,
      issuerRef: { group: 'cert-manager.io', ...issuer },
      privateKey: { rotationPolicy: 'Always' },
    },
  };
}
