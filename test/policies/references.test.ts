import { BoundedContext, Manifest, accept, displayNameOf, type KubeObject } from 'ashlar';
import { planOf } from '../support/plans';

const metadata = { name: 'raw' };
const config = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'map' },
  data: { a: 'b' },
  binaryData: { c: 'ZA==' },
};
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'keys' },
  stringData: { a: 'b' },
  data: { c: 'ZA==' },
};
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } };
const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'disk' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'reader' }, rules: [] };

/** What Pod Security asks for. */
const secure = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const podSecurity = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const main = { name: 'raw', image: 'ghcr.io/acme/raw:1.0.0', securityContext: secure };

function deployment(container: object, pod: object = {}): object {
  const labels = { app: 'raw' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { securityContext: podSecurity, containers: [{ ...main, ...container }], ...pod },
      },
    },
  };
}

const binding = (
  roleRef: object,
  subject: object = { kind: 'ServiceAccount', name: 'robot', namespace: 'ordering' },
): object => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata,
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader', ...roleRef },
  subjects: [subject],
});

/** What is wrong with an object among those above: code, field, what was got. */
function problemsOf(object: object): readonly string[] {
  const plan = planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const others = Manifest.from(context, 'others', [config, secret, account, claim, role]);
    accept(others, 'secret-in-manifest', 'A Secret with a key, to be referred to.');
    Manifest.from(context, 'raw', object);
  });
  const shown = displayNameOf({ ...(object as KubeObject), metadata: { name: 'raw', namespace: 'ordering' } });
  for (const finding of plan.findings) expect(finding).toMatchObject({ path: 'shop/ordering/raw', object: shown });
  return plan.findings.map(({ code, field, got }) => `${code} ${field} ${got}`);
}

const env = (valueFrom: object): object => ({ env: [{ name: 'A', valueFrom }] });
const volume = (source: object): readonly [object, object] => [
  { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
  { volumes: [{ name: 'v', ...source }] },
];

test.each([
  ['keys of a ConfigMap', deployment(env({ configMapKeyRef: { name: 'map', key: 'a' } }))],
  ['binary keys of a ConfigMap', deployment(env({ configMapKeyRef: { name: 'map', key: 'c' } }))],
  ['keys of a Secret', deployment(env({ secretKeyRef: { name: 'keys', key: 'a' } }))],
  ['a whole ConfigMap', deployment({ envFrom: [{ configMapRef: { name: 'map' } }, { secretRef: { name: 'keys' } }] })],
  ['files of a ConfigMap', deployment(...volume({ configMap: { name: 'map' } }))],
  ['a claim', deployment(...volume({ persistentVolumeClaim: { claimName: 'disk' } }))],
  ['an account', deployment({}, { serviceAccountName: 'robot' })],
  ['a role', binding({})],
  [
    'what every namespace has',
    deployment(
      volume({ configMap: { name: 'kube-root-ca.crt' } })[0],
      volume({ configMap: { name: 'kube-root-ca.crt' } })[1],
    ),
  ],
  ['the default account', deployment({}, { serviceAccountName: 'default' })],
  ['a Secret that somebody else makes', deployment(env({ secretKeyRef: { name: 'other', key: 'a' } }))],
  ['a role of the cluster', binding({ kind: 'ClusterRole', name: 'view' })],
  ['a group', binding({}, { kind: 'Group', name: 'oidc:ops', apiGroup: 'rbac.authorization.k8s.io' })],
  ['what may be missing', deployment(env({ configMapKeyRef: { name: 'nothing', key: 'a', optional: true } }))],
  ['a key that may be missing', deployment(env({ configMapKeyRef: { name: 'map', key: 'z', optional: true } }))],
])('%s is there', (_what, object) => {
  expect(problemsOf(object)).toEqual([]);
});

const POD = '/spec/template/spec';

test.each([
  [
    'a ConfigMap',
    deployment(env({ configMapKeyRef: { name: 'mpa', key: 'a' } })),
    `reference-to-nothing ${POD}/containers/0/env/0/valueFrom/configMapKeyRef mpa`,
  ],
  [
    'a key',
    deployment(env({ configMapKeyRef: { name: 'map', key: 'z' } })),
    `missing-key ${POD}/containers/0/env/0/valueFrom/configMapKeyRef z`,
  ],
  [
    'a key of a Secret',
    deployment(env({ secretKeyRef: { name: 'keys', key: 'z' } })),
    `missing-key ${POD}/containers/0/env/0/valueFrom/secretKeyRef z`,
  ],
  [
    'a whole ConfigMap',
    deployment({ envFrom: [{ configMapRef: { name: 'mpa' } }] }),
    `reference-to-nothing ${POD}/containers/0/envFrom/0/configMapRef/name mpa`,
  ],
  [
    'a volume',
    deployment(...volume({ configMap: { name: 'mpa' } })),
    `reference-to-nothing ${POD}/volumes/0/configMap/name mpa`,
  ],
  [
    'a file of a volume',
    deployment(...volume({ configMap: { name: 'map', items: [{ key: 'z', path: 'z' }] } })),
    `missing-key ${POD}/volumes/0/configMap/items/0/key z`,
  ],
  [
    'a part of a projected volume',
    deployment(...volume({ projected: { sources: [{ configMap: { name: 'mpa' } }] } })),
    `reference-to-nothing ${POD}/volumes/0/projected/sources/0/configMap/name mpa`,
  ],
  [
    'a claim',
    deployment(...volume({ persistentVolumeClaim: { claimName: 'dsk' } })),
    `reference-to-nothing ${POD}/volumes/0/persistentVolumeClaim/claimName dsk`,
  ],
  ['an account', deployment({}, { serviceAccountName: 'rob' }), `reference-to-nothing ${POD}/serviceAccountName rob`],
  ['a role', binding({ name: 'writer' }), 'reference-to-nothing /roleRef writer'],
  [
    'a subject',
    binding({}, { kind: 'ServiceAccount', name: 'rob', namespace: 'ordering' }),
    'reference-to-nothing /subjects/0 rob',
  ],
  [
    'the target of a scaler',
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'gone' } },
    },
    'reference-to-nothing /spec/scaleTargetRef gone',
  ],
])('%s that is not there is a finding', (_what, object, problem) => {
  expect(problemsOf(object)).toEqual([problem]);
});

test('init containers are looked at as well', () => {
  const init = {
    ...main,
    name: 'init',
    ...env({ configMapKeyRef: { name: 'mpa', key: 'a' } }),
  };
  expect(problemsOf(deployment({}, { initContainers: [init] }))).toEqual([
    `reference-to-nothing ${POD}/initContainers/0/env/0/valueFrom/configMapKeyRef mpa`,
  ]);
});

test('the finding lists what there is in that namespace', () => {
  const plan = planOf((shop) => {
    const [a, b] = ['a', 'b'].map((id) => new BoundedContext(shop, id, { team: 't' })) as [
      BoundedContext,
      BoundedContext,
    ];
    Manifest.from(a, 'map', config);
    Manifest.from(b, 'raw', deployment(env({ configMapKeyRef: { name: 'map', key: 'a' } })));
  });
  expect(plan.findings).toMatchObject([{ code: 'reference-to-nothing', allowed: 'no ConfigMap is planned in b' }]);
});
