import type { KubeObject } from 'ashlar';
import { NetworkPolicies, type End, type Flow, type Pods } from '../../testing/network-policies';

/** The evaluator against the documentation (Kubernetes 1.36, "Network Policies"), by policies that are written here. */
const web: Pods = { namespace: 'shop', labels: { app: 'web', tier: 'front' }, ports: [] };
const api: Pods = {
  namespace: 'shop',
  labels: { app: 'api' },
  ports: [
    { name: 'http', containerPort: 8080 },
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
  ],
};
const other: Pods = { namespace: 'other', labels: { app: 'web' }, ports: [] };
const outside: End = { address: '203.0.113.7' };

function policy(spec: object, namespace = 'shop'): KubeObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'policy', namespace }, spec };
}

function namespace(name: string, labels: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function flow(from: End, to: End, port = 8080, protocol = 'TCP'): Flow {
  return { from, to, port, protocol };
}

function allows(manifests: readonly KubeObject[], one: Flow): boolean {
  return new NetworkPolicies(manifests).allow(one);
}

const toApi = (rule: object): KubeObject => policy({ podSelector: { matchLabels: { app: 'api' } }, ingress: [rule] });

test('pods that no policy selects are open', () => {
  expect(allows([], flow(web, api))).toBe(true);
  expect(allows([policy({ podSelector: { matchLabels: { app: 'db' } } })], flow(web, api))).toBe(true);
  expect(allows([policy({ podSelector: {} }, 'other')], flow(web, api))).toBe(true);
});

test('a policy without types closes what comes in, and what goes out only if it has rules for that', () => {
  expect(allows([policy({ podSelector: {} })], flow(outside, api))).toBe(false);
  expect(allows([policy({ podSelector: {} })], flow(api, outside))).toBe(true);
  expect(allows([policy({ podSelector: {}, egress: [{ ports: [{ port: 1 }] }] })], flow(api, outside))).toBe(false);
  expect(allows([policy({ podSelector: {}, policyTypes: ['Egress'] })], flow(api, outside))).toBe(false);
  expect(allows([policy({ podSelector: {}, policyTypes: ['Egress'] })], flow(outside, api))).toBe(true);
});

test('both ends have to let a flow pass', () => {
  const closed = policy({ podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'] });
  expect(allows([toApi({}), closed], flow(web, api))).toBe(false);
  expect(allows([toApi({})], flow(web, api))).toBe(true);
});

test('policies add up: one that admits is enough', () => {
  const deny = policy({ podSelector: {}, policyTypes: ['Ingress'] });
  expect(allows([deny, toApi({ from: [{ podSelector: { matchLabels: { app: 'web' } } }] })], flow(web, api))).toBe(
    true,
  );
  const verdict = new NetworkPolicies([deny, toApi({})]).entering(flow(web, api));
  expect(verdict).toEqual({ allowed: true, selectedBy: ['shop/policy', 'shop/policy'], allowedBy: ['shop/policy'] });
});

test.each<[string, object, boolean, boolean]>([
  ['no peers: everybody', {}, true, true],
  ['an empty list of peers: everybody', { from: [] }, true, true],
  ['pods of the own namespace', { from: [{ podSelector: { matchLabels: { app: 'web' } } }] }, true, false],
  ['all pods of the own namespace', { from: [{ podSelector: {} }] }, true, false],
  ['all pods of all namespaces', { from: [{ namespaceSelector: {} }] }, true, true],
  ['namespaces by label', { from: [{ namespaceSelector: { matchLabels: { team: 'red' } } }] }, false, true],
  [
    'namespaces by name',
    { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } }] },
    false,
    true,
  ],
  [
    'pods in namespaces: both',
    { from: [{ namespaceSelector: {}, podSelector: { matchLabels: { tier: 'front' } } }] },
    true,
    false,
  ],
  [
    'either of two peers',
    { from: [{ podSelector: {} }, { namespaceSelector: { matchLabels: { team: 'red' } } }] },
    true,
    true,
  ],
  ['addresses are no pods', { from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }, false, false],
])('peers: %s', (_, rule, fromWeb, fromOther) => {
  const manifests = [toApi(rule), namespace('other', { team: 'red' }), namespace('shop', { team: 'blue' })];
  expect([allows(manifests, flow(web, api)), allows(manifests, flow(other, api))]).toEqual([fromWeb, fromOther]);
});

test.each<[string, object, boolean]>([
  ['In', { key: 'app', operator: 'In', values: ['web', 'x'] }, true],
  ['In without the key', { key: 'none', operator: 'In', values: ['web'] }, false],
  ['NotIn', { key: 'app', operator: 'NotIn', values: ['web'] }, false],
  ['NotIn without the key', { key: 'none', operator: 'NotIn', values: ['web'] }, true],
  ['Exists', { key: 'tier', operator: 'Exists' }, true],
  ['Exists without the key', { key: 'none', operator: 'Exists' }, false],
  ['DoesNotExist', { key: 'tier', operator: 'DoesNotExist' }, false],
  ['DoesNotExist without the key', { key: 'none', operator: 'DoesNotExist' }, true],
])('expressions: %s', (_, expression, expected) => {
  const rule = { from: [{ podSelector: { matchLabels: { app: 'web' }, matchExpressions: [expression] } }] };
  expect(allows([toApi(rule)], flow(web, api))).toBe(expected);
});

test.each<[string, readonly object[], Flow, boolean]>([
  ['none: all', [], flow(web, api, 1), true],
  ['a number', [{ port: 8080 }], flow(web, api), true],
  ['another number', [{ port: 8081 }], flow(web, api), false],
  ['TCP where none is said', [{ port: 8080 }], flow(web, api, 8080, 'UDP'), false],
  ['a protocol alone: all its ports', [{ protocol: 'UDP' }], flow(web, api, 99, 'UDP'), true],
  ['a range, its end included', [{ port: 8000, endPort: 8080 }], flow(web, api), true],
  ['a range, above it', [{ port: 8000, endPort: 8079 }], flow(web, api), false],
  ['a name', [{ port: 'http' }], flow(web, api), true],
  ['a name that is another port', [{ port: 'http' }], flow(web, api, 53), false],
  ['a name of another protocol', [{ port: 'dns' }], flow(web, api, 53), false],
  ['a name with its protocol', [{ port: 'dns', protocol: 'UDP' }], flow(web, api, 53, 'UDP'), true],
  ['either of two', [{ port: 1 }, { port: 8080 }], flow(web, api), true],
])('ports: %s', (_, ports, one, expected) => {
  expect(allows([toApi({ ports })], one)).toBe(expected);
});

test.each<[string, object, string, boolean]>([
  ['a block', { cidr: '203.0.113.0/24' }, '203.0.113.7', true],
  ['outside of it', { cidr: '203.0.113.0/24' }, '203.0.114.7', false],
  ['an exception', { cidr: '203.0.113.0/24', except: ['203.0.113.0/29'] }, '203.0.113.7', false],
  ['beside an exception', { cidr: '203.0.113.0/24', except: ['203.0.113.0/29'] }, '203.0.113.8', true],
  ['IPv6', { cidr: '2001:db8::/32' }, '2001:db8::1', true],
  ['IPv6 in a block of IPv4', { cidr: '0.0.0.0/0' }, '2001:db8::1', false],
])('addresses: %s', (_, ipBlock, address, expected) => {
  expect(allows([toApi({ from: [{ ipBlock }] })], flow({ address }, api))).toBe(expected);
  const egress = policy({ podSelector: {}, egress: [{ to: [{ ipBlock }] }] });
  expect(allows([egress], flow(api, { address }))).toBe(expected);
});

test('a policy without a namespace is of the namespace default', () => {
  const manifest = { ...policy({ podSelector: {} }), metadata: { name: 'policy' } };
  expect(allows([manifest], flow(outside, { ...api, namespace: 'default' }))).toBe(false);
  expect(allows([manifest], flow(outside, api))).toBe(true);
});
