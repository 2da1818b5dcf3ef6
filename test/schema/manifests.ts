/** Objects that a server takes as they are, for the tests to break. */
import { changed, type Manifest } from './changes';

const LABELS = { 'app.kubernetes.io/name': 'orders' };

export function deployment(): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'orders', namespace: 'shop', labels: { ...LABELS } },
    spec: {
      replicas: 3,
      selector: { matchLabels: { ...LABELS } },
      template: { metadata: { labels: { ...LABELS } }, spec: podSpec() },
    },
  };
}

function podSpec(): Manifest {
  return {
    terminationGracePeriodSeconds: 30,
    containers: [
      {
        name: 'orders',
        image: 'ghcr.io/acme/orders:1.4.2',
        ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
        env: [
          { name: 'A', value: 'b' },
          { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
        readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
        securityContext: { allowPrivilegeEscalation: false, seccompProfile: { type: 'RuntimeDefault' } },
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: {} }],
  };
}

export function service(): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: { selector: { ...LABELS }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
}

export function networkPolicy(): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: {
      podSelector: { matchLabels: { ...LABELS } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8080, protocol: 'TCP' }] }],
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
    },
  };
}

export function autoscaler(): Manifest {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: {
      minReplicas: 3,
      maxReplicas: 20,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'orders' },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      ],
    },
  };
}

export function cronJob(): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'report', namespace: 'shop' },
    spec: {
      schedule: '0 3 * * 1-5',
      timeZone: 'Europe/Berlin',
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'report', image: 'report:1' }] } } },
      },
    },
  };
}

export function statefulSet(): Manifest {
  return changed(deployment(), {
    '/kind': 'StatefulSet',
    '/spec/serviceName': 'orders',
    '/spec/template/spec/containers/0/volumeMounts/-': { name: 'data', mountPath: '/data' },
    '/spec/volumeClaimTemplates': [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
      },
    ],
  });
}

export function role(): Manifest {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'system:reader', namespace: 'shop' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  };
}

export function destinationRule(): Manifest {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: {
      host: 'orders',
      trafficPolicy: { loadBalancer: { simple: 'LEAST_REQUEST' }, outlierDetection: { consecutive5xxErrors: 5 } },
    },
  };
}

export function httpRoute(): Manifest {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: {
      parentRefs: [{ name: 'edge' }],
      hostnames: ['shop.example.com'],
      rules: [{ backendRefs: [{ name: 'orders', port: 80, weight: 100 }] }],
    },
  };
}

function ingress(): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: {
      rules: [
        {
          host: 'shop.example.com',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 'orders', port: { name: 'http' } } } },
            ],
          },
        },
      ],
    },
  };
}

function admissionPolicy(): Manifest {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'replicas' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] },
        ],
      },
      variables: [{ name: 'few', expression: '5' }],
      validations: [{ expression: 'object.spec.replicas <= variables.few', message: 'too many' }],
    },
  };
}

function roleBinding(): Manifest {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'orders', namespace: 'shop' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'orders', namespace: 'shop' }],
  };
}

function secret(): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'tls', namespace: 'shop' },
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': 'x', 'tls.key': 'y' },
  };
}

function budget(): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: { maxUnavailable: 1, selector: { matchLabels: { ...LABELS } } },
  };
}

function busyPod(): Manifest {
  const pod = {
    initContainers: [
      {
        name: 'wait',
        image: 'wait:1',
        restartPolicy: 'Always',
        lifecycle: { preStop: { sleep: { seconds: 3 } } },
        envFrom: [{ configMapRef: { name: 'x' } }],
      },
    ],
    tolerations: [{ key: 'spot', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        minDomains: 2,
        labelSelector: { matchLabels: { ...LABELS } },
        matchLabelKeys: ['pod-template-hash'],
      },
    ],
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'zone', labelSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] } },
        ],
      },
    },
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['10.0.0.10'] },
  };
  const places = Object.entries(pod).map(([field, value]) => [`/spec/template/spec/${field}`, value] as const);
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } };
  return changed(deployment(), { ...Object.fromEntries(places), '/spec/strategy': strategy });
}

/** All of them. */
export const GOOD: readonly (() => Manifest)[] = [
  deployment,
  service,
  networkPolicy,
  autoscaler,
  cronJob,
  statefulSet,
  role,
  destinationRule,
  httpRoute,
  ingress,
  admissionPolicy,
  roleBinding,
  secret,
  budget,
  busyPod,
];
