import { SchemaChecker } from '../../policies/schema/check';
import { changed, type Changes, type Manifest } from './changes';
import { autoscaler, cronJob, deployment, networkPolicy, role, service, statefulSet } from './manifests';

const checker = new SchemaChecker({ version: '1.36' });

/** Code and field of each problem of the object after the changes. */
function found(make: () => Manifest, changes: Changes, by = checker): string[] {
  return by.check(changed(make(), changes)).map((problem) => `${problem.code} ${problem.field}`);
}

const POD = '/spec/template/spec';
const C = `${POD}/containers/0`;

type Case = readonly [what: string, changes: Changes, problem: string];

function cases(name: string, make: () => Manifest, table: readonly Case[]): void {
  describe(name, () => {
    test.each(table)('%s', (_, changes, problem) => expect(found(make, changes)).toEqual([problem]));
  });
}

cases('metadata', deployment, [
  ['name with capitals', { '/metadata/name': 'Orders' }, 'bad-name /metadata/name'],
  ['no name', { '/metadata/name': undefined }, 'missing-name /metadata/name'],
  ['namespace with a dot', { '/metadata/namespace': 'a.b' }, 'bad-name /metadata/namespace'],
  ['label value with a slash', { '/metadata/labels/path': 'a/b' }, 'bad-label-value /metadata/labels/path'],
  ['label key with two slashes', { '/metadata/labels/a~1b~1c': 'x' }, 'bad-label-key /metadata/labels/a~1b~1c'],
  ['annotation key', { '/metadata/annotations': { 'a b': 'x' } }, 'bad-annotation-key /metadata/annotations/a b'],
  [
    'annotations of 300 kB',
    { '/metadata/annotations': { a: 'x'.repeat(300_000) } },
    'annotations-too-large /metadata/annotations',
  ],
]);

cases('workload', deployment, [
  ['selector and labels differ', { '/spec/selector/matchLabels/app': 'x' }, 'selector-does-not-match /spec/selector'],
  [
    'selector by expression',
    { '/spec/selector/matchExpressions': [{ key: 'tier', operator: 'Exists' }] },
    'selector-does-not-match /spec/selector',
  ],
  ['empty selector', { '/spec/selector': {} }, 'empty-selector /spec/selector'],
  ['restart policy', { [`${POD}/restartPolicy`]: 'Never' }, `restart-policy ${POD}/restartPolicy`],
  [
    'a rollout that cannot move',
    { '/spec/strategy': { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
    'rollout-stuck /spec/strategy/rollingUpdate/maxUnavailable',
  ],
  [
    'recreate with rolling',
    { '/spec/strategy': { type: 'Recreate', rollingUpdate: {} } },
    'strategy-contradiction /spec/strategy/rollingUpdate',
  ],
  [
    'percentage',
    { '/spec/strategy': { rollingUpdate: { maxSurge: '25' } } },
    'bad-percentage /spec/strategy/rollingUpdate/maxSurge',
  ],
  ['negative replicas', { '/spec/replicas': -1 }, 'out-of-range /spec/replicas'],
]);

const rollout = (): Manifest =>
  changed(deployment(), {
    '/apiVersion': 'argoproj.io/v1alpha1',
    '/kind': 'Rollout',
    '/spec/strategy': { canary: {} },
  });

cases('lists of a Rollout, whose definition merges them by keys', rollout, [
  ['a variable twice', { [`${C}/env/-`]: { name: 'A', value: 'x' } }, `duplicate-element ${C}/env/2`],
  [
    'a port twice, once with its default',
    { [`${C}/ports/-`]: { containerPort: 8080 } },
    `duplicate-element ${C}/ports/1`,
  ],
  [
    'two Secrets of a registry',
    { [`${POD}/imagePullSecrets`]: [{ name: 'a' }, { name: 'a' }] },
    `duplicate-element ${POD}/imagePullSecrets/1`,
  ],
]);

test('a Rollout may have a port of two protocols', () => {
  expect(found(rollout, { [`${C}/ports/-`]: { containerPort: 8080, protocol: 'UDP' } })).toEqual([]);
});

cases('containers', deployment, [
  ['no containers', { [`${POD}/containers`]: [] }, `missing-field ${POD}/containers`],
  ['port 0', { [`${C}/ports/-`]: { containerPort: 0 } }, `out-of-range ${C}/ports/1/containerPort`],
  [
    'long port name',
    { [`${C}/ports/-`]: { containerPort: 1, name: 'a-name-that-is-long' } },
    `bad-port-name ${C}/ports/1/name`,
  ],
  ['two ports of a name', { [`${C}/ports/-`]: { containerPort: 1, name: 'http' } }, `duplicate-name ${C}/ports/1/name`],
  [
    'two containers of a name',
    { [`${POD}/containers/-`]: { name: 'orders', image: 'x' } },
    `duplicate-name ${POD}/containers/1/name`,
  ],
  [
    'an init container of the same name',
    { [`${POD}/initContainers`]: [{ name: 'orders', image: 'x' }] },
    `duplicate-name ${POD}/initContainers/0/name`,
  ],
  ['value and valueFrom', { [`${C}/env/1/value`]: 'x' }, `several-values ${C}/env/1`],
  ['valueFrom without a source', { [`${C}/env/1/valueFrom`]: {} }, `missing-choice ${C}/env/1/valueFrom`],
  [
    'unknown field path',
    { [`${C}/env/1/valueFrom/fieldRef/fieldPath`]: 'spec.replicas' },
    `bad-field-path ${C}/env/1/valueFrom/fieldRef/fieldPath`,
  ],
  ['probe without handler', { [`${C}/livenessProbe`]: { periodSeconds: 5 } }, `missing-choice ${C}/livenessProbe`],
  [
    'probe with two handlers',
    { [`${C}/readinessProbe/exec`]: { command: ['true'] } },
    `several-choices ${C}/readinessProbe`,
  ],
  [
    'probe of a port that is not there',
    { [`${C}/readinessProbe/httpGet/port`]: 'web' },
    `unknown-port ${C}/readinessProbe/httpGet/port`,
  ],
  [
    'success threshold of a liveness probe',
    { [`${C}/livenessProbe`]: { tcpSocket: { port: 8080 }, successThreshold: 2 } },
    `out-of-range ${C}/livenessProbe/successThreshold`,
  ],
  [
    'init container with a probe',
    { [`${POD}/initContainers`]: [{ name: 'i', image: 'x', livenessProbe: { exec: { command: ['true'] } } }] },
    `init-container-field ${POD}/initContainers/0/livenessProbe`,
  ],
  [
    'request above limit',
    { [`${C}/resources/requests/memory`]: '1Gi' },
    `request-above-limit ${C}/resources/requests/memory`,
  ],
  ['unknown resource', { [`${C}/resources/requests/mem`]: '1Gi' }, `unknown-resource ${C}/resources/requests/mem`],
  [
    'privileged without escalation',
    { [`${C}/securityContext/privileged`]: true },
    `privilege-contradiction ${C}/securityContext/allowPrivilegeEscalation`,
  ],
  [
    'seccomp profile',
    { [`${C}/securityContext/seccompProfile/type`]: 'Localhost' },
    `seccomp-profile ${C}/securityContext/seccompProfile/localhostProfile`,
  ],
]);

cases('volumes', deployment, [
  ['mount without a volume', { [`${C}/volumeMounts/0/name`]: 'temp' }, `unknown-volume ${C}/volumeMounts/0/name`],
  [
    'two mounts at a path',
    { [`${C}/volumeMounts/-`]: { name: 'tmp', mountPath: '/tmp' } },
    `duplicate-mount-path ${C}/volumeMounts/1/mountPath`,
  ],
  ['volume without a source', { [`${POD}/volumes/0/emptyDir`]: undefined }, `missing-choice ${POD}/volumes/0`],
  [
    'claim without a name',
    { [`${POD}/volumes/0`]: { name: 'tmp', persistentVolumeClaim: { claimName: '' } } },
    `missing-field ${POD}/volumes/0/persistentVolumeClaim/claimName`,
  ],
  ['volume with two sources', { [`${POD}/volumes/0/configMap`]: { name: 'x' } }, `several-choices ${POD}/volumes/0`],
  [
    'two volumes of a name',
    { [`${POD}/volumes/-`]: { name: 'tmp', emptyDir: {} } },
    `duplicate-name ${POD}/volumes/1/name`,
  ],
  [
    'sub path that leaves the volume',
    { [`${C}/volumeMounts/0/subPath`]: '../x' },
    `bad-sub-path ${C}/volumeMounts/0/subPath`,
  ],
]);

const SPREAD = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };

cases('placement', deployment, [
  [
    'two equal spread constraints',
    { [`${POD}/topologySpreadConstraints`]: [SPREAD, SPREAD] },
    `duplicate-element ${POD}/topologySpreadConstraints/1`,
  ],
  [
    'skew 0',
    { [`${POD}/topologySpreadConstraints`]: [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }] },
    `out-of-range ${POD}/topologySpreadConstraints/0/maxSkew`,
  ],
  [
    'In without values',
    {
      [`${POD}/topologySpreadConstraints`]: [
        {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] },
        },
      ],
    },
    `selector-values ${POD}/topologySpreadConstraints/0/labelSelector/matchExpressions/0/values`,
  ],
  [
    'toleration that compares nothing',
    { [`${POD}/tolerations`]: [{ key: 'a', operator: 'Exists', value: 'b' }] },
    `toleration-value ${POD}/tolerations/0/value`,
  ],
  [
    'weight 0',
    {
      [`${POD}/affinity`]: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, podAffinityTerm: { topologyKey: 'zone' } }],
        },
      },
    },
    `out-of-range ${POD}/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/0/weight`,
  ],
]);

cases('stateful set', statefulSet, [
  [
    'mount of a claim that is not there',
    { '/spec/volumeClaimTemplates/0/metadata/name': 'other' },
    `unknown-volume ${C}/volumeMounts/1/name`,
  ],
  [
    'claim without storage',
    { '/spec/volumeClaimTemplates/0/spec/resources': {} },
    'missing-field /spec/volumeClaimTemplates/0/spec/resources/requests/storage',
  ],
  ['name with a dot', { '/metadata/name': 'a.b' }, 'bad-name /metadata/name'],
]);

cases('service', service, [
  [
    'two ports without names',
    { '/spec/ports': [{ port: 80 }, { port: 81, name: 'b' }] },
    'missing-name /spec/ports/0/name',
  ],
  ['the same port twice', { '/spec/ports/-': { name: 'b', port: 80 } }, 'duplicate-element /spec/ports/1'],
  ['no ports', { '/spec/ports': undefined }, 'missing-field /spec/ports'],
  ['port 70000', { '/spec/ports/0/port': 70000 }, 'out-of-range /spec/ports/0/port'],
  ['external name without a name', { '/spec/type': 'ExternalName' }, 'missing-field /spec/externalName'],
  [
    'headless load balancer',
    { '/spec/type': 'LoadBalancer', '/spec/clusterIP': 'None' },
    'headless-type /spec/clusterIP',
  ],
  ['node port of a cluster service', { '/spec/ports/0/nodePort': 30000 }, 'node-port /spec/ports/0/nodePort'],
]);

test('a Service whose name begins with a digit needs 1.36', () => {
  const change = { '/metadata/name': '1st' };
  expect(found(service, change, new SchemaChecker({ version: '1.35' }))).toEqual(['bad-name /metadata/name']);
  expect(found(service, change)).toEqual([]);
});

test('a headless Service needs no ports, and the same port in two protocols is fine', () => {
  expect(found(service, { '/spec': { clusterIP: 'None' } })).toEqual([]);
  expect(
    found(service, {
      '/spec/ports': [
        { name: 'a', port: 53 },
        { name: 'b', port: 53, protocol: 'UDP' },
      ],
    }),
  ).toEqual([]);
});

cases('network policy', networkPolicy, [
  [
    'block without bits',
    { '/spec/egress/0/to/0/ipBlock': { cidr: '10.0.0.0' } },
    'bad-cidr /spec/egress/0/to/0/ipBlock/cidr',
  ],
  [
    'exception outside',
    { '/spec/egress/0/to/0/ipBlock/except': ['192.168.0.0/16'] },
    'except-outside-cidr /spec/egress/0/to/0/ipBlock/except/0',
  ],
  [
    'exception of everything',
    { '/spec/egress/0/to/0/ipBlock/except': ['10.0.0.0/8'] },
    'except-outside-cidr /spec/egress/0/to/0/ipBlock/except/0',
  ],
  ['block and selector', { '/spec/egress/0/to/0/podSelector': {} }, 'several-choices /spec/egress/0/to/0'],
  ['empty peer', { '/spec/ingress/0/from': [{}] }, 'missing-choice /spec/ingress/0/from/0'],
  [
    'range that runs backwards',
    { '/spec/ingress/0/ports/0/endPort': 80 },
    'bad-port-range /spec/ingress/0/ports/0/endPort',
  ],
]);

cases('autoscaler', autoscaler, [
  ['minimum above maximum', { '/spec/minReplicas': 30 }, 'min-above-max /spec/minReplicas'],
  ['metric without its source', { '/spec/metrics': [{ type: 'Pods' }] }, 'missing-field /spec/metrics/0/pods'],
  [
    'target without its value',
    { '/spec/metrics/0/resource/target/type': 'AverageValue' },
    'missing-field /spec/metrics/0/resource/target/averageValue',
  ],
  ['no replicas', { '/spec/minReplicas': 0 }, 'out-of-range /spec/minReplicas'],
]);

cases('roles', role, [
  ['no verbs', { '/rules/0/verbs': [] }, 'missing-field /rules/0/verbs'],
  ['no groups', { '/rules/0/apiGroups': undefined }, 'missing-field /rules/0/apiGroups'],
  [
    'URLs in a Role',
    { '/rules': [{ nonResourceURLs: ['/x'], verbs: ['get'] }] },
    'non-resource-rule /rules/0/nonResourceURLs',
  ],
]);

cases('cron job', cronJob, [
  ['schedule', { '/spec/schedule': '0 25 * * *' }, 'bad-schedule /spec/schedule'],
  ['time zone', { '/spec/timeZone': 'Europe/Atlantis' }, 'bad-time-zone /spec/timeZone'],
  [
    'pods that are always restarted',
    { '/spec/jobTemplate/spec/template/spec/restartPolicy': undefined },
    'restart-policy /spec/jobTemplate/spec/template/spec/restartPolicy',
  ],
  ['name of 60 characters', { '/metadata/name': 'a'.repeat(60) }, 'bad-name /metadata/name'],
]);

test.each<[object, string[]]>([
  [
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec: { minAvailable: 1, maxUnavailable: 1 } },
    ['several-choices /spec/maxUnavailable'],
  ],
  [{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec: { maxUnavailable: '50%' } }, []],
  [{ apiVersion: 'v1', kind: 'ConfigMap', data: { 'a/b': 'x' } }, ['bad-key /data/a~1b']],
  [{ apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'x'.repeat(1_100_000) } }, ['data-too-large /data']],
  [
    { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'x' } },
    ['missing-field /data/tls.key'],
  ],
  [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', namespace: 'b' } },
    ['namespace-on-cluster-scoped /metadata/namespace'],
  ],
  [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      spec: {
        rules: [
          {
            host: 'a_b',
            http: { paths: [{ path: 'x', pathType: 'Prefix', backend: { service: { name: 's', port: {} } } }] },
          },
        ],
      },
    },
    [
      'bad-host /spec/rules/0/host',
      'bad-path /spec/rules/0/http/paths/0/path',
      'missing-choice /spec/rules/0/http/paths/0/backend/service/port',
    ],
  ],
  [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects: [{ kind: 'ServiceAccount', name: 'a' }],
    },
    ['missing-field /subjects/0/namespace'],
  ],
  [
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      spec: { limits: [{ type: 'Container', min: { cpu: '1' }, max: { cpu: '500m' } }] },
    },
    ['limit-order /spec/limits/0/min/cpu'],
  ],
  [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      spec: { policyName: 'p', validationActions: ['Deny', 'Warn'] },
    },
    ['validation-actions /spec/validationActions'],
  ],
])('%j', (object, expected) => {
  const problems = checker.check({ metadata: { name: 'x' }, ...object });
  expect(problems.map((problem) => `${problem.code} ${problem.field}`)).toEqual(expected);
});
