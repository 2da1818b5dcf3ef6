/** The objects of a namespace of the floor (floor.mjs), written by hand. */
import { contextName } from './numbers.mjs';

const READ = ['get', 'list', 'watch'];
const READABLE = [
  'configmaps',
  'endpoints',
  'events',
  'limitranges',
  'persistentvolumeclaims',
  'pods',
  'pods/log',
  'resourcequotas',
  'serviceaccounts',
  'services',
];

export function contextObjects(context, services) {
  const namespace = contextName(context);
  const team = `team-${context % 9}`;
  const labels = () => ({
    'app.kubernetes.io/part-of': 'bench',
    'app.kubernetes.io/managed-by': 'ashlar',
    'ashlar.dev/context': namespace,
    'ashlar.dev/team': team,
    'ashlar.dev/subdomain': 'supporting',
  });
  const metadata = (name) => ({ name, namespace, labels: labels() });
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: {
          ...labels(),
          'pod-security.kubernetes.io/enforce': 'restricted',
          'pod-security.kubernetes.io/enforce-version': 'v1.36',
          'pod-security.kubernetes.io/audit': 'restricted',
          'pod-security.kubernetes.io/audit-version': 'v1.36',
          'pod-security.kubernetes.io/warn': 'restricted',
          'pod-security.kubernetes.io/warn-version': 'v1.36',
        },
      },
    },
    { apiVersion: 'v1', kind: 'ResourceQuota', metadata: metadata('quota'), spec: { hard: quota(services) } },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: metadata('limits'),
      spec: {
        limits: [{ type: 'Container', defaultRequest: { cpu: '50m', memory: '64Mi' }, default: { memory: '256Mi' } }],
      },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: metadata('team'),
      rules: [
        { apiGroups: [''], resources: READABLE, verbs: READ },
        { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets', 'daemonsets'], verbs: READ },
        { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: READ },
        { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: READ },
        { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: READ },
        { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies', 'ingresses'], verbs: READ },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: metadata('team'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'team' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: team }],
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: metadata('default-deny'),
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: metadata('allow-dns'),
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [namesAreResolved()] },
    },
  ];
}

function namesAreResolved() {
  return {
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
      { ipBlock: { cidr: '169.254.20.10/32' } },
    ],
    ports: [
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
    ],
  };
}

/** Every service at its largest scale, old pods and new ones, and a quarter above. */
function quota(services) {
  let pods = 0;
  let millis = 0;
  let mebibytes = 0;
  for (const { max, cpuMillis, memoryMebibytes } of services) {
    const most = 2 * max;
    pods += most;
    millis += most * cpuMillis;
    mebibytes += most * memoryMebibytes;
  }
  const cpu = Math.ceil(millis * 1.25);
  return {
    pods: String(Math.ceil(pods * 1.25)),
    'requests.cpu': cpu % 1000 === 0 ? String(cpu / 1000) : `${cpu}m`,
    'requests.memory': `${Math.ceil(mebibytes * 1.25)}Mi`,
    'limits.memory': `${Math.ceil(2 * mebibytes * 1.25)}Mi`,
  };
}
