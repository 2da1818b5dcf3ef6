import type { KubeObject, Plan } from 'ashlar';
import type { KeyPair } from './localize';

/** What Online Boutique calls and others deploy. */
export const OF_OTHERS: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shoppingassistantservice', namespace: 'assistant' },
  spec: { ports: [{ name: 'http', port: 80 }] },
};

const TLS = 'kubernetes.io/tls';

/** The certificates of the gateways of a plan: those that an environment brings, and those that an issuer makes. */
export function certificatesOf(plan: Plan, { certificate, key }: KeyPair): readonly KubeObject[] {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const data = { 'tls.crt': base64(certificate), 'tls.key': base64(key) };
  const secrets = plan.prerequisites.flatMap((one) => (one.type === 'secret' && one.kind === TLS ? [one] : []));
  const issued = plan.objects.flatMap(({ manifest }) => {
    if (manifest.kind !== 'Certificate') return [];
    const { secretName } = manifest['spec'] as { readonly secretName: string };
    return [{ name: secretName, namespace: manifest.metadata.namespace ?? '' }];
  });
  return [...secrets, ...issued].map(({ name, namespace }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: TLS,
    metadata: { name, namespace },
    data,
  }));
}

interface JobMetric {
  readonly provider: {
    readonly job?: { readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } } };
  };
}

/** The pods that verify a release, as they are while one goes on. */
export function verifiersOf(plan: Plan): readonly KubeObject[] {
  return plan.objects.flatMap(({ manifest }) => {
    if (manifest.kind !== 'AnalysisTemplate') return [];
    const { name, namespace = '' } = manifest.metadata;
    const { metrics } = manifest['spec'] as { readonly metrics: readonly JobMetric[] };
    const templates = metrics.flatMap(({ provider }) => provider.job?.spec.template ?? []);
    return templates.map(({ metadata, spec }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, name, namespace },
      spec,
    }));
  });
}

/** What istiod says about objects, but that an EnvoyFilter may change with Envoy: so it is, and there is no other way. */
export function withoutFilters(problems: readonly string[]): readonly string[] {
  return problems.filter((problem) => !problem.startsWith('EnvoyFilter/'));
}
