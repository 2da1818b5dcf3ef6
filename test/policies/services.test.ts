import { BoundedContext, Manifest, Microservice } from 'ashlar';
import { planOf } from '../support/plans';

/** What Pod Security asks for. */
const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const podSecurity = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const main = { name: 'raw', image: 'ghcr.io/acme/raw:1.0.0', securityContext };

const pods = (ports: readonly object[] | undefined, labels: object = { app: 'raw', track: 'stable' }) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'raw' },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { securityContext: podSecurity, containers: [{ ...main, ...(ports !== undefined && { ports }) }] },
    },
  },
});

const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'raw' }, spec });

function findingsOf(...manifests: readonly object[]) {
  return planOf((shop) => {
    Manifest.from(new BoundedContext(shop, 'ordering', { team: 'orders' }), 'raw', manifests);
  }).findings;
}

const selector = { app: 'raw' };
const listening = pods([{ name: 'http', containerPort: 8080 }]);

test.each([
  ['a number', { selector, ports: [{ port: 80, targetPort: 8080 }] }],
  ['a name', { selector, ports: [{ port: 80, targetPort: 'http' }] }],
  ['the same number', { selector, ports: [{ port: 8080 }] }],
  ['all labels', { selector: { app: 'raw', track: 'stable' }, ports: [{ port: 8080 }] }],
])('a Service that leads to pods by %s is fine', (_what, spec) => {
  expect(findingsOf(listening, service(spec))).toEqual([]);
});

test('a Service without a selector, or for a name outside, leads where somebody else says', () => {
  expect(findingsOf(service({ ports: [{ port: 80 }] }))).toEqual([]);
  expect(findingsOf(service({ type: 'ExternalName', externalName: 'a.example.com' }))).toEqual([]);
});

test.each([
  ['no pod', { app: 'other' }],
  ['pods with one of two labels only', { app: 'raw', track: 'canary' }],
])('a Service that selects %s is a finding', (_what, labels) => {
  expect(findingsOf(listening, service({ selector: labels, ports: [{ port: 8080 }] }))).toMatchObject([
    { code: 'service-without-pods', object: 'Service/ordering/raw', field: '/spec/selector' },
  ]);
});

test('pods of another namespace do not count', () => {
  const { findings } = planOf((shop) => {
    const [a, b] = ['a', 'b'].map((id) => new BoundedContext(shop, id, { team: 't' })) as [
      BoundedContext,
      BoundedContext,
    ];
    Manifest.from(a, 'pods', listening);
    Manifest.from(b, 'service', service({ selector, ports: [{ port: 8080 }] }));
  });
  expect(findings).toMatchObject([{ code: 'service-without-pods', path: 'shop/b/service' }]);
});

test.each([
  ['a number', 9090, '9090'],
  ['a name', 'grpc', 'grpc'],
])('a port that leads nowhere, as %s, is a finding with what there is', (_what, targetPort, got) => {
  expect(findingsOf(listening, service({ selector, ports: [{ port: 80, targetPort }] }))).toMatchObject([
    { code: 'service-port-leads-nowhere', got, allowed: '8080 (http)' },
  ]);
});

test('a number needs no port that is named in the container: naming it only informs (core/v1 Container.ports)', () => {
  const findings = findingsOf(pods(undefined), service({ selector, ports: [{ port: 80, targetPort: 8080 }] }));
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test('a name needs one', () => {
  expect(findingsOf(pods(undefined), service({ selector, ports: [{ port: 80, targetPort: 'http' }] }))).toMatchObject([
    { code: 'service-port-leads-nowhere', severity: 'error' },
  ]);
});

test('a port of a native sidecar counts', () => {
  const { findings } = planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const image = 'ghcr.io/acme/app:1.0.0';
    new Microservice(context, 'orders', { image, sidecars: { proxy: { image, ports: { admin: 9901 } } } });
    Manifest.from(
      context,
      'admin',
      service({ selector: { 'app.kubernetes.io/name': 'orders' }, ports: [{ port: 80, targetPort: 'admin' }] }),
    );
  });
  expect(findings).toEqual([]);
});
