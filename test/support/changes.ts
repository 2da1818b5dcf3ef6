import type { KubeObject } from 'ashlar';

/** A change of one object that the API server refuses. */
export interface RefusedChange {
  readonly what: string;
  readonly before: KubeObject;
  readonly after: KubeObject;
  readonly code: 'storage-shrinks' | 'immutable-field';
}

const NAMESPACE = 'changing';
const metadata = { name: 'orders', namespace: NAMESPACE };
const labels = { app: 'orders' };

const pod = (image = 'ghcr.io/acme/orders:1.0.0', app: object = labels): object => ({
  metadata: { labels: app },
  spec: { containers: [{ name: 'orders', image }] },
});

const deployment = (app: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: { selector: { matchLabels: app }, template: pod(undefined, app) },
});

const claimSpec = (storage: string, more: object = {}): object => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage } },
  ...more,
});

const statefulSet = (storage: string, more: object = {}, image?: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata,
  spec: {
    serviceName: 'orders',
    selector: { matchLabels: labels },
    template: pod(image),
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec(storage) }],
    ...more,
  },
});

const claim = (storage: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata,
  spec: claimSpec(storage, more),
});

const job = (image: string): KubeObject => {
  const { metadata: podMetadata, spec } = pod(image) as { metadata: object; spec: object };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: { template: { metadata: podMetadata, spec: { ...spec, restartPolicy: 'Never' } } },
  };
};

const service = (more: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: { selector: labels, ports: [{ port: 80 }], ...more },
});

const configMap = (value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata,
  immutable: true,
  data: { value },
});

const secret = (type: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata,
  type,
  stringData: { password: 'x', username: 'y' },
});

const binding = (name: string): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata,
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
  subjects: [],
});

const storageClass = (reclaimPolicy: string): KubeObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'changing' },
  provisioner: 'example.com/none',
  reclaimPolicy,
});

const FIXED = 'immutable-field';

/** Changes that the rule finds, all of which an API server refuses. */
export const REFUSED_CHANGES: readonly RefusedChange[] = [
  { what: 'a smaller claim template', before: statefulSet('10Gi'), after: statefulSet('9Gi'), code: 'storage-shrinks' },
  { what: 'a larger claim template', before: statefulSet('10Gi'), after: statefulSet('11Gi'), code: FIXED },
  {
    what: 'another Service of a StatefulSet',
    before: statefulSet('1Gi'),
    after: statefulSet('1Gi', { serviceName: 'other' }),
    code: FIXED,
  },
  {
    what: 'another selector',
    before: deployment(labels),
    after: deployment({ app: 'orders', tier: 'back' }),
    code: FIXED,
  },
  { what: 'another template of a Job', before: job('acme/a:1'), after: job('acme/a:2'), code: FIXED },
  { what: 'a Service that becomes headless', before: service({}), after: service({ clusterIP: 'None' }), code: FIXED },
  {
    what: 'another access mode of a claim',
    before: claim('1Gi'),
    after: claim('1Gi', { accessModes: ['ReadWriteMany'] }),
    code: FIXED,
  },
  { what: 'a smaller claim', before: claim('2Gi'), after: claim('1Gi'), code: 'storage-shrinks' },
  { what: 'other data of an immutable ConfigMap', before: configMap('a'), after: configMap('b'), code: FIXED },
  {
    what: 'another type of a Secret',
    before: secret('Opaque'),
    after: secret('kubernetes.io/basic-auth'),
    code: FIXED,
  },
  { what: 'another role of a binding', before: binding('view'), after: binding('edit'), code: FIXED },
  {
    what: 'another reclaim policy of a StorageClass',
    before: storageClass('Delete'),
    after: storageClass('Retain'),
    code: FIXED,
  },
];

/** Changes that the rule lets pass, all of which an API server accepts. */
export const ACCEPTED_CHANGES: readonly Omit<RefusedChange, 'code'>[] = [
  {
    what: 'another image of a StatefulSet',
    before: statefulSet('1Gi'),
    after: statefulSet('1Gi', { replicas: 3, minReadySeconds: 5 }, 'acme/a:2'),
  },
  { what: 'another port of a Service', before: service({}), after: service({ ports: [{ port: 81 }] }) },
  { what: 'a larger quantity in another notation', before: claim('1024Mi'), after: claim('1Gi') },
];
