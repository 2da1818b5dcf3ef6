import { Tls } from 'ashlar';
import { HOST, gatewayPlan, open } from '../support/gateways';
import { codesOf, objectOf } from '../support/plans';

const withTls = (tls: Tls, gateway = 'istio') =>
  gatewayPlan(({ edge, orders }) => edge.route('/orders', orders, open), { props: { tls }, gateway });

const secretOf = (plan: ReturnType<typeof withTls>): unknown =>
  objectOf(plan, 'Gateway/shop/edge')['spec'].servers[1].tls.credentialName;

test('a certificate is asked of the issuer, for the hosts, in the namespace of the gateway', () => {
  const plan = withTls(Tls.issuedBy('letsencrypt'));
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'Certificate/shop/edge')['spec']).toEqual({
    secretName: 'edge-tls',
    dnsNames: [HOST],
    issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'letsencrypt' },
    privateKey: { rotationPolicy: 'Always' },
  });
  expect(secretOf(plan)).toBe('edge-tls');
  expect(plan.prerequisites.filter(({ type }) => type === 'secret')).toEqual([]);
  expect(plan.prerequisites).toContainEqual(
    expect.objectContaining({ type: 'release', name: 'cert-manager', for: ['shop/shop/edge'] }),
  );
});

test('an issuer may be that of the namespace', () => {
  const plan = withTls(Tls.issuedBy('internal', { kind: 'Issuer' }));
  expect(objectOf(plan, 'Certificate/shop/edge')['spec'].issuerRef.kind).toBe('Issuer');
});

test('a Secret of people is wanted by its name', () => {
  const plan = withTls(Tls.secret('wildcard'));
  expect(secretOf(plan)).toBe('wildcard');
  expect(plan.prerequisites).toContainEqual(expect.objectContaining({ type: 'secret', name: 'wildcard' }));
  expect(plan.prerequisites.map((one) => (one.type === 'release' ? one.name : ''))).not.toContain('cert-manager');
});

test('where no gateway runs, no certificate is asked for', () => {
  const plan = withTls(Tls.issuedBy('letsencrypt'), 'none');
  expect(plan.objects.map(({ manifest }) => manifest.kind)).not.toContain('Certificate');
  expect(plan.prerequisites.filter(({ for: by }) => by.includes('shop/shop/edge'))).toEqual([]);
});

test('names of no object are told', () => {
  expect(codesOf(withTls(Tls.issuedBy('Lets Encrypt')))).toEqual(['bad-object-name']);
  expect(codesOf(withTls(Tls.secret('')))).toEqual(['bad-object-name']);
});
