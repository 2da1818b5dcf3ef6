import { BoundedContext, Microservice, type BoundedContextProps } from 'ashlar';
import { codesOf, objectOf, planOf, type PlanOptions } from '../support/plans';

function planWith(props: Partial<BoundedContextProps> = {}, options: PlanOptions = {}) {
  return planOf((shop) => void new BoundedContext(shop, 'ordering', { team: 'orders', ...props }), options);
}

test('its namespace says who owns it and admits restricted pods only, by the rules of the target version', () => {
  const plan = planWith({ subdomain: 'core' }, { environment: { kubernetes: '1.34' } });
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'Namespace/ordering').metadata.labels).toEqual({
    'app.kubernetes.io/part-of': 'shop',
    'app.kubernetes.io/managed-by': 'ashlar',
    'ashlar.dev/context': 'ordering',
    'ashlar.dev/team': 'orders',
    'ashlar.dev/subdomain': 'core',
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/enforce-version': 'v1.34',
    'pod-security.kubernetes.io/audit': 'restricted',
    'pod-security.kubernetes.io/audit-version': 'v1.34',
    'pod-security.kubernetes.io/warn': 'restricted',
    'pod-security.kubernetes.io/warn-version': 'v1.34',
  });
});

test('every object of the context carries its owner', () => {
  const plan = planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders', subdomain: 'core' });
    const orders = new Microservice(context, 'orders', { image: 'ghcr.io/acme/orders:1.0.0', ports: { http: 8080 } });
    orders.calls(orders).accessesKubernetes({ resources: ['pods'], verbs: ['list'] });
  });
  expect(plan.objects.length).toBeGreaterThan(12);
  for (const { manifest } of plan.objects)
    expect(manifest.metadata.labels).toMatchObject({ 'ashlar.dev/team': 'orders' });
});

test('its namespace may be called otherwise', () => {
  const plan = planWith({ namespace: 'shop-ordering' });
  expect(codesOf(plan)).toEqual([]);
  expect(plan.objects.map(({ manifest }) => manifest.metadata.namespace ?? manifest.metadata.name)).toEqual(
    plan.objects.map(() => 'shop-ordering'),
  );
  expect(plan.objects.map(({ chart }) => chart)).toEqual(plan.objects.map(() => 'ordering'));
});

test.each([
  ['a namespace', { namespace: 'Shop Ordering' }, 'bad-name'],
  ['a team', { team: 'the orders team' }, 'bad-label'],
])('%s that cannot be is a finding', (_what, props, code) => {
  expect(planWith(props).findings).toContainEqual(expect.objectContaining({ code, path: 'shop/ordering' }));
});

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const verbsOn = (rules: readonly Rule[], resource: string): readonly string[] =>
  rules.filter(({ resources }) => resources.includes(resource)).flatMap(({ verbs }) => verbs);

test('in production the team may look and touch nothing', () => {
  const { rules } = objectOf(planWith({}, { tier: 'production' }), 'Role/ordering/team') as unknown as {
    rules: readonly Rule[];
  };
  expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list', 'watch']));
  expect(verbsOn(rules, 'pods/log')).toContain('get');
});

test.each(['development', 'staging'] as const)('in %s the team may mend by hand', (tier) => {
  const { rules } = objectOf(planWith({}, { tier }), 'Role/ordering/team') as unknown as { rules: readonly Rule[] };
  expect(verbsOn(rules, 'pods')).toContain('delete');
  expect(verbsOn(rules, 'pods/exec')).toEqual(['create']);
  expect(verbsOn(rules, 'deployments/scale')).toContain('patch');
});

test.each(['development', 'staging', 'production'] as const)(
  'in %s the team reads no secrets and grants no rights',
  (tier) => {
    const { rules } = objectOf(planWith({}, { tier }), 'Role/ordering/team') as unknown as { rules: readonly Rule[] };
    const resources = rules.flatMap((rule) => rule.resources);
    for (const resource of ['secrets', 'roles', 'rolebindings', '*']) expect(resources).not.toContain(resource);
    expect(rules.flatMap(({ verbs }) => verbs)).not.toContain('*');
  },
);

test.each([
  [{}, 'orders'],
  [{ teamGroup: 'oidc:orders@acme.example' }, 'oidc:orders@acme.example'],
])('rights go to the team’s group (%j)', (props, name) => {
  expect(objectOf(planWith(props), 'RoleBinding/ordering/team')).toMatchObject({
    roleRef: { kind: 'Role', name: 'team' },
    subjects: [{ kind: 'Group', name, apiGroup: 'rbac.authorization.k8s.io' }],
  });
});

test('nothing goes in or out by default', () => {
  expect(objectOf(planWith(), 'NetworkPolicy/ordering/default-deny')['spec']).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
  });
});

test('names are resolved by the cluster’s DNS', () => {
  expect(objectOf(planWith(), 'NetworkPolicy/ordering/allow-dns')['spec']).toEqual({
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
            podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          },
        ],
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
    ],
  });
});

test('names are resolved by another DNS and by node-local caches, if the environment says so', () => {
  const dns = { namespace: 'dns', podLabels: {}, ports: [5353], cidrs: ['169.254.20.10/32', 'fd00::10/128'] };
  const plan = planWith({}, { environment: { dns } });
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'NetworkPolicy/ordering/allow-dns')['spec'].egress).toEqual([
    {
      to: [
        { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'dns' } }, podSelector: {} },
        { ipBlock: { cidr: '169.254.20.10/32' } },
        { ipBlock: { cidr: 'fd00::10/128' } },
      ],
      ports: [
        { protocol: 'UDP', port: 5353 },
        { protocol: 'TCP', port: 5353 },
      ],
    },
  ]);
});

test.each(['default', 'kube-system', 'kustomization'])('a context is not called %s', (name) => {
  expect(codesOf(planOf((shop) => void new BoundedContext(shop, name, { team: 'orders' })))).toEqual(['reserved-name']);
});
