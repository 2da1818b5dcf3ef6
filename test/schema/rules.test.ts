/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- manifests are broken at will */
import { SchemaChecker } from '../../policies/schema/check';
import { autoscaler, cronJob, deployment, networkPolicy, role, service, statefulSet, type Loose } from './manifests';

const checker = new SchemaChecker({ version: '1.36' });

/** Code and field of each problem of the object after the change. */
function found(make: () => Loose, change: (object: Loose) => void, by = checker): string[] {
  const object = make();
  change(object);
  return by.check(object).map((problem) => `${problem.code} ${problem.field}`);
}

const pod = (object: Loose): Loose => object.spec.template.spec;
const container = (object: Loose): Loose => pod(object).containers[0];
const POD = '/spec/template/spec';
const C = `${POD}/containers/0`;

type Case = readonly [what: string, change: (object: Loose) => void, problem: string];

function cases(name: string, make: () => Loose, table: readonly Case[]): void {
  describe(name, () => {
    test.each(table)('%s', (_, change, problem) => expect(found(make, change)).toEqual([problem]));
  });
}

cases('metadata', deployment, [
  ['name with capitals', (d) => (d.metadata.name = 'Orders'), 'bad-name /metadata/name'],
  ['no name', (d) => delete d.metadata.name, 'missing-name /metadata/name'],
  ['namespace with a dot', (d) => (d.metadata.namespace = 'a.b'), 'bad-name /metadata/namespace'],
  ['label value with a slash', (d) => (d.metadata.labels.path = 'a/b'), 'bad-label-value /metadata/labels/path'],
  ['label key with two slashes', (d) => (d.metadata.labels['a/b/c'] = 'x'), 'bad-label-key /metadata/labels/a~1b~1c'],
  ['annotation key', (d) => (d.metadata.annotations = { 'a b': 'x' }), 'bad-annotation-key /metadata/annotations/a b'],
  ['annotations of 300 kB', (d) => (d.metadata.annotations = { a: 'x'.repeat(300_000) }), 'annotations-too-large /metadata/annotations'],
]);

cases('workload', deployment, [
  ['selector and labels differ', (d) => (d.spec.selector.matchLabels.app = 'x'), 'selector-does-not-match /spec/selector'],
  ['selector by expression', (d) => (d.spec.selector.matchExpressions = [{ key: 'tier', operator: 'Exists' }]), 'selector-does-not-match /spec/selector'],
  ['empty selector', (d) => (d.spec.selector = {}), 'empty-selector /spec/selector'],
  ['restart policy', (d) => (pod(d).restartPolicy = 'Never'), `restart-policy ${POD}/restartPolicy`],
  ['a rollout that cannot move', (d) => (d.spec.strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } }), 'rollout-stuck /spec/strategy/rollingUpdate/maxUnavailable'],
  ['recreate with rolling', (d) => (d.spec.strategy = { type: 'Recreate', rollingUpdate: {} }), 'strategy-contradiction /spec/strategy/rollingUpdate'],
  ['percentage', (d) => (d.spec.strategy = { rollingUpdate: { maxSurge: '25' } }), 'bad-percentage /spec/strategy/rollingUpdate/maxSurge'],
  ['negative replicas', (d) => (d.spec.replicas = -1), 'out-of-range /spec/replicas'],
]);

cases('containers', deployment, [
  ['no containers', (d) => { pod(d).containers = []; }, `missing-field ${POD}/containers`],
  ['port 0', (d) => (container(d).ports.push({ containerPort: 0 })), `out-of-range ${C}/ports/1/containerPort`],
  ['long port name', (d) => (container(d).ports.push({ containerPort: 1, name: 'a-name-that-is-long' })), `bad-port-name ${C}/ports/1/name`],
  ['two ports of a name', (d) => (container(d).ports.push({ containerPort: 1, name: 'http' })), `duplicate-name ${C}/ports/1/name`],
  ['two containers of a name', (d) => (pod(d).containers.push({ name: 'orders', image: 'x' })), `duplicate-name ${POD}/containers/1/name`],
  ['an init container of the same name', (d) => (pod(d).initContainers = [{ name: 'orders', image: 'x' }]), `duplicate-name ${POD}/initContainers/0/name`],
  ['value and valueFrom', (d) => (container(d).env[1].value = 'x'), `several-values ${C}/env/1`],
  ['valueFrom without a source', (d) => (container(d).env[1].valueFrom = {}), `missing-choice ${C}/env/1/valueFrom`],
  ['unknown field path', (d) => (container(d).env[1].valueFrom.fieldRef.fieldPath = 'spec.replicas'), `bad-field-path ${C}/env/1/valueFrom/fieldRef/fieldPath`],
  ['probe without handler', (d) => (container(d).livenessProbe = { periodSeconds: 5 }), `missing-choice ${C}/livenessProbe`],
  ['probe with two handlers', (d) => (container(d).readinessProbe.exec = { command: ['true'] }), `several-choices ${C}/readinessProbe`],
  ['probe of a port that is not there', (d) => (container(d).readinessProbe.httpGet.port = 'web'), `unknown-port ${C}/readinessProbe/httpGet/port`],
  ['success threshold of a liveness probe', (d) => (container(d).livenessProbe = { tcpSocket: { port: 8080 }, successThreshold: 2 }), `out-of-range ${C}/livenessProbe/successThreshold`],
  ['init container with a probe', (d) => (pod(d).initContainers = [{ name: 'i', image: 'x', livenessProbe: { exec: {} } }]), `init-container-field ${POD}/initContainers/0/livenessProbe`],
  ['request above limit', (d) => (container(d).resources.requests.memory = '1Gi'), `request-above-limit ${C}/resources/requests/memory`],
  ['unknown resource', (d) => (container(d).resources.requests.mem = '1Gi'), `unknown-resource ${C}/resources/requests/mem`],
  ['privileged without escalation', (d) => (container(d).securityContext.privileged = true), `privilege-contradiction ${C}/securityContext/allowPrivilegeEscalation`],
  ['seccomp profile', (d) => (container(d).securityContext.seccompProfile.type = 'Localhost'), `seccomp-profile ${C}/securityContext/seccompProfile/localhostProfile`],
]);

cases('volumes', deployment, [
  ['mount without a volume', (d) => (container(d).volumeMounts[0].name = 'temp'), `unknown-volume ${C}/volumeMounts/0/name`],
  ['two mounts at a path', (d) => (container(d).volumeMounts.push({ name: 'tmp', mountPath: '/tmp' })), `duplicate-mount-path ${C}/volumeMounts/1/mountPath`],
  ['volume without a source', (d) => delete pod(d).volumes[0].emptyDir, `missing-choice ${POD}/volumes/0`],
  ['volume with two sources', (d) => (pod(d).volumes[0].configMap = { name: 'x' }), `several-choices ${POD}/volumes/0`],
  ['two volumes of a name', (d) => (pod(d).volumes.push({ name: 'tmp', emptyDir: {} })), `duplicate-name ${POD}/volumes/1/name`],
  ['sub path that leaves the volume', (d) => (container(d).volumeMounts[0].subPath = '../x'), `bad-sub-path ${C}/volumeMounts/0/subPath`],
]);

cases('placement', deployment, [
  ['two equal spread constraints', (d) => { const one = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }; pod(d).topologySpreadConstraints = [one, one]; }, `duplicate-element ${POD}/topologySpreadConstraints/1`],
  ['skew 0', (d) => { pod(d).topologySpreadConstraints = [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }]; }, `out-of-range ${POD}/topologySpreadConstraints/0/maxSkew`],
  ['In without values', (d) => (pod(d).topologySpreadConstraints = [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }]), `selector-values ${POD}/topologySpreadConstraints/0/labelSelector/matchExpressions/0/values`],
  ['toleration that compares nothing', (d) => (pod(d).tolerations = [{ key: 'a', operator: 'Exists', value: 'b' }]), `toleration-value ${POD}/tolerations/0/value`],
  ['weight 0', (d) => (pod(d).affinity = { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, podAffinityTerm: { topologyKey: 'zone' } }] } }), `out-of-range ${POD}/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/0/weight`],
]);

cases('stateful set', statefulSet, [
  ['mount of a claim that is not there', (s) => (s.spec.volumeClaimTemplates[0].metadata.name = 'other'), `unknown-volume ${C}/volumeMounts/1/name`],
  ['claim without storage', (s) => (s.spec.volumeClaimTemplates[0].spec.resources = {}), 'missing-field /spec/volumeClaimTemplates/0/spec/resources/requests/storage'],
  ['name with a dot', (s) => (s.metadata.name = 'a.b'), 'bad-name /metadata/name'],
]);

cases('service', service, [
  ['two ports without names', (s) => { s.spec.ports = [{ port: 80 }, { port: 81, name: 'b' }]; }, 'missing-name /spec/ports/0/name'],
  ['the same port twice', (s) => (s.spec.ports.push({ name: 'b', port: 80 })), 'duplicate-element /spec/ports/1'],
  ['no ports', (s) => delete s.spec.ports, 'missing-field /spec/ports'],
  ['port 70000', (s) => (s.spec.ports[0].port = 70000), 'out-of-range /spec/ports/0/port'],
  ['external name without a name', (s) => { s.spec.type = 'ExternalName'; }, 'missing-field /spec/externalName'],
  ['headless load balancer', (s) => { s.spec.type = 'LoadBalancer'; s.spec.clusterIP = 'None'; }, 'headless-type /spec/clusterIP'],
  ['node port of a cluster service', (s) => (s.spec.ports[0].nodePort = 30000), 'node-port /spec/ports/0/nodePort'],
]);

test('a Service whose name begins with a digit needs 1.36', () => {
  const change = (s: Loose): void => { s.metadata.name = '1st'; };
  expect(found(service, change, new SchemaChecker({ version: '1.35' }))).toEqual(['bad-name /metadata/name']);
  expect(found(service, change)).toEqual([]);
});

test('a headless Service needs no ports, and the same port in two protocols is fine', () => {
  expect(found(service, (s) => { s.spec = { clusterIP: 'None' }; })).toEqual([]);
  expect(found(service, (s) => { s.spec.ports = [{ name: 'a', port: 53 }, { name: 'b', port: 53, protocol: 'UDP' }]; })).toEqual([]);
});

cases('network policy', networkPolicy, [
  ['block without bits', (n) => (n.spec.egress[0].to[0].ipBlock = { cidr: '10.0.0.0' }), 'bad-cidr /spec/egress/0/to/0/ipBlock/cidr'],
  ['exception outside', (n) => (n.spec.egress[0].to[0].ipBlock.except = ['192.168.0.0/16']), 'except-outside-cidr /spec/egress/0/to/0/ipBlock/except/0'],
  ['exception of everything', (n) => (n.spec.egress[0].to[0].ipBlock.except = ['10.0.0.0/8']), 'except-outside-cidr /spec/egress/0/to/0/ipBlock/except/0'],
  ['block and selector', (n) => (n.spec.egress[0].to[0].podSelector = {}), 'several-choices /spec/egress/0/to/0'],
  ['empty peer', (n) => { n.spec.ingress[0].from = [{}]; }, 'missing-choice /spec/ingress/0/from/0'],
  ['range that runs backwards', (n) => (n.spec.ingress[0].ports[0].endPort = 80), 'bad-port-range /spec/ingress/0/ports/0/endPort'],
]);

cases('autoscaler', autoscaler, [
  ['minimum above maximum', (a) => (a.spec.minReplicas = 30), 'min-above-max /spec/minReplicas'],
  ['metric without its source', (a) => (a.spec.metrics = [{ type: 'Pods' }]), 'missing-field /spec/metrics/0/pods'],
  ['target without its value', (a) => (a.spec.metrics[0].resource.target.type = 'AverageValue'), 'missing-field /spec/metrics/0/resource/target/averageValue'],
  ['no replicas', (a) => (a.spec.minReplicas = 0), 'out-of-range /spec/minReplicas'],
]);

cases('roles', role, [
  ['no verbs', (r) => { r.rules[0].verbs = []; }, 'missing-field /rules/0/verbs'],
  ['no groups', (r) => delete r.rules[0].apiGroups, 'missing-field /rules/0/apiGroups'],
  ['URLs in a Role', (r) => { r.rules = [{ nonResourceURLs: ['/x'], verbs: ['get'] }]; }, 'non-resource-rule /rules/0/nonResourceURLs'],
]);

cases('cron job', cronJob, [
  ['schedule', (c) => (c.spec.schedule = '0 25 * * *'), 'bad-schedule /spec/schedule'],
  ['time zone', (c) => (c.spec.timeZone = 'Europe/Atlantis'), 'bad-time-zone /spec/timeZone'],
  ['pods that are always restarted', (c) => delete c.spec.jobTemplate.spec.template.spec.restartPolicy, 'restart-policy /spec/jobTemplate/spec/template/spec/restartPolicy'],
  ['name of 60 characters', (c) => (c.metadata.name = 'a'.repeat(60)), 'bad-name /metadata/name'],
]);

test.each<[object, string[]]>([
  [{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec: { minAvailable: 1, maxUnavailable: 1 } }, ['several-choices /spec/maxUnavailable']],
  [{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec: { maxUnavailable: '50%' } }, []],
  [{ apiVersion: 'v1', kind: 'ConfigMap', data: { 'a/b': 'x' } }, ['bad-key /data/a~1b']],
  [{ apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'x'.repeat(1_100_000) } }, ['data-too-large /data']],
  [{ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'x' } }, ['missing-field /data/tls.key']],
  [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', namespace: 'b' } }, ['namespace-on-cluster-scoped /metadata/namespace']],
  [{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', spec: { rules: [{ host: 'a_b', http: { paths: [{ path: 'x', pathType: 'Prefix', backend: { service: { name: 's', port: {} } } }] } }] } },
    ['bad-host /spec/rules/0/host', 'bad-path /spec/rules/0/http/paths/0/path', 'missing-choice /spec/rules/0/http/paths/0/backend/service/port']],
  [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' }, subjects: [{ kind: 'ServiceAccount', name: 'a' }] }, ['missing-field /subjects/0/namespace']],
  [{ apiVersion: 'v1', kind: 'LimitRange', spec: { limits: [{ type: 'Container', min: { cpu: '1' }, max: { cpu: '500m' } }] } }, ['limit-order /spec/limits/0/min/cpu']],
  [{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', spec: { policyName: 'p', validationActions: ['Deny', 'Warn'] } }, ['validation-actions /spec/validationActions']],
])('%j', (object, expected) => {
  const problems = checker.check({ metadata: { name: 'x' }, ...object });
  expect(problems.map((problem) => `${problem.code} ${problem.field}`)).toEqual(expected);
});
