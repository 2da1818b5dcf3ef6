import { SchemaChecker } from '../../policies/schema/check';
import { changed, type Changes, type Manifest } from './changes';
import { autoscaler, deployment, networkPolicy, service, statefulSet } from './manifests';

const checker = new SchemaChecker({ version: '1.36' });
const POD = '/spec/template/spec';
const C = `${POD}/containers/0`;

const namespace = (): Manifest => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: {} } });
const quota = (): Manifest => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q' },
  spec: { hard: {} },
});
const limits = (): Manifest => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'l' },
  spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] },
});
const ENFORCE = '/metadata/labels/pod-security.kubernetes.io~1enforce';
const configKey = (ref: object): Changes => ({ [`${C}/env/-`]: { name: 'C', valueFrom: { configMapKeyRef: ref } } });
const probe = (handler: object): Changes => ({ [`${C}/livenessProbe`]: handler });
const EXEC = `${C}/livenessProbe/exec/command`;
const HEADER = { httpGet: { port: 80, httpHeaders: [{ name: 'X_A', value: '' }] } };
const spread = (constraint: object): Changes => ({
  [`${POD}/topologySpreadConstraints`]: [{ maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', ...constraint }],
});

/** Each was taken by our check and refused by a server. */
const CASES: readonly (readonly [make: () => Manifest, changes: Changes, problem: string])[] = [
  [deployment, { [`${C}/image`]: '' }, `missing-field ${C}/image`],
  [deployment, { [`${C}/image`]: ' a' }, `bad-name ${C}/image`],
  [deployment, { [`${C}/volumeMounts/0/mountPath`]: '' }, `missing-field ${C}/volumeMounts/0/mountPath`],
  [deployment, configKey({ key: 'a' }), `missing-field ${C}/env/2/valueFrom/configMapKeyRef/name`],
  [deployment, configKey({ name: 'A', key: 'a' }), `bad-name ${C}/env/2/valueFrom/configMapKeyRef/name`],
  [deployment, configKey({ name: 'a', key: 'a b' }), `bad-key ${C}/env/2/valueFrom/configMapKeyRef/key`],
  [deployment, { [`${C}/envFrom`]: [{ secretRef: {} }] }, `missing-field ${C}/envFrom/0/secretRef/name`],
  [deployment, probe({ exec: {} }), `missing-field ${EXEC}`],
  [deployment, probe(HEADER), `bad-name ${C}/livenessProbe/httpGet/httpHeaders/0/name`],
  [
    deployment,
    { [`${C}/lifecycle`]: { preStop: { sleep: { seconds: 31 } } } },
    `out-of-range ${C}/lifecycle/preStop/sleep/seconds`,
  ],
  [deployment, { [`${POD}/securityContext`]: { fsGroup: -1 } }, `out-of-range ${POD}/securityContext/fsGroup`],
  [deployment, { [`${POD}/dnsConfig`]: { nameservers: ['a'] } }, `bad-address ${POD}/dnsConfig/nameservers/0`],
  [deployment, { [`${POD}/tolerations`]: [{}] }, `toleration-operator ${POD}/tolerations/0/operator`],
  [deployment, { [`${POD}/tolerations`]: [{ key: 'a b' }] }, `bad-label-key ${POD}/tolerations/0/key`],
  [deployment, spread({ topologyKey: '' }), `missing-field ${POD}/topologySpreadConstraints/0/topologyKey`],
  [
    deployment,
    { '/spec/selector/matchExpressions': [{ key: 'a', operator: 'in' }] },
    'bad-enum-value /spec/selector/matchExpressions/0/operator',
  ],
  [
    deployment,
    { [`${POD}/volumes/0`]: { name: 'tmp', emptyDir: { sizeLimit: '-1' } } },
    `out-of-range ${POD}/volumes/0/emptyDir/sizeLimit`,
  ],
  [
    deployment,
    { [`${POD}/volumes/0`]: { name: 'tmp', configMap: {} } },
    `missing-field ${POD}/volumes/0/configMap/name`,
  ],
  [statefulSet, { '/spec/serviceName': 'a.b' }, 'bad-name /spec/serviceName'],
  [statefulSet, { '/spec/volumeClaimTemplates/0/spec': undefined }, 'missing-field /spec/volumeClaimTemplates/0/spec'],
  [autoscaler, { '/spec/scaleTargetRef/apiVersion': 'v1' }, 'bad-api-version /spec/scaleTargetRef/apiVersion'],
  [autoscaler, { '/spec/scaleTargetRef/apiVersion': undefined }, 'missing-field /spec/scaleTargetRef/apiVersion'],
  [autoscaler, { '/spec/scaleTargetRef/name': 'a/b' }, 'bad-name /spec/scaleTargetRef/name'],
  [service, { '/spec/loadBalancerSourceRanges': ['10.0.0.0/8'] }, 'source-ranges /spec/loadBalancerSourceRanges'],
  [
    service,
    { '/spec/type': 'LoadBalancer', '/spec/loadBalancerSourceRanges': ['10.0.0.1/8'] },
    'bad-cidr /spec/loadBalancerSourceRanges/0',
  ],
  [
    networkPolicy,
    { '/spec/egress/0/to/0/ipBlock': { cidr: '10.0.0.1/8' } },
    'bad-cidr /spec/egress/0/to/0/ipBlock/cidr',
  ],
  [namespace, { [ENFORCE]: 'strict' }, `bad-enum-value ${ENFORCE}`],
  [namespace, { [`${ENFORCE}-version`]: '1.36' }, `bad-enum-value ${ENFORCE}-version`],
  [quota, { '/spec/hard/cpus': '1' }, 'unknown-resource /spec/hard/cpus'],
  [quota, { '/spec/hard/pods': '1500m' }, 'out-of-range /spec/hard/pods'],
  [quota, { '/spec/hard/cpu': '-1' }, 'out-of-range /spec/hard/cpu'],
  [limits, { '/spec/limits/0/default/cpus': '1' }, 'unknown-resource /spec/limits/0/default/cpus'],
  [limits, { '/spec/limits/0/type': 'Containers' }, 'bad-enum-value /spec/limits/0/type'],
  [limits, { '/spec/limits/-': { type: 'Container' } }, 'duplicate-name /spec/limits/1/type'],
];

test.each(CASES)('%p with %j is a problem', (make, changes, problem) => {
  const problems = checker.check(changed(make(), changes)).map(({ code, field }) => `${code} ${field}`);
  expect(problems).toContain(problem);
});

test('amounts and counts of every kind that a quota knows are none', () => {
  const hard = { 'limits.cpu': '2', 'requests.storage': '1Gi', pods: '10', 'requests.nvidia.com/gpu': '1' };
  expect(checker.check(changed(quota(), { '/spec/hard': hard }))).toEqual([]);
});
