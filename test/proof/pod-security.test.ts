import { BoundedContext, Directory, Microservice, Port, RedisCache, type KubeObject } from 'ashlar';
import { proof } from 'ashlar/testing/cluster';
import { objectOf, planOf } from '../support/plans';
import { gatewayPlan, open } from '../support/gateways';
import { failedCreations } from './support/pods';

/** A service with all that a pod of ours may have, and a Redis of a back end. */
const plan = planOf((shop) => {
  const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
  const orders = new Microservice(context, 'orders', {
    image: 'acme/orders:1',
    ports: { http: Port.http(80, { container: 8080 }) },
    directories: [Directory.temporary('/tmp')],
    sidecars: { beside: { image: 'acme/beside:1' } },
    initContainers: { before: { image: 'acme/before:1' } },
  });
  orders.calls(new RedisCache(context, 'cache'), { env: 'CACHE_ADDR' });
});

interface PodSpec {
  readonly containers: readonly [{ readonly securityContext: object; readonly ports: readonly object[] }];
  readonly securityContext: object;
}

/** The pod of a Deployment of the plan, changed. */
function podOf(name: string, change: (spec: PodSpec) => object = () => ({})): KubeObject {
  const spec = structuredClone(objectOf(plan, `Deployment/ordering/${name}`)['spec'].template.spec) as PodSpec;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'ordering', name: `${name}-by-hand` } };
  return { ...pod, spec: { ...spec, ...change(spec) } };
}

/** A change of the pod's first container. */
const container =
  (change: (one: PodSpec['containers'][0]) => object) =>
  ({ containers: [first, ...rest] }: PodSpec): object => ({ containers: [{ ...first, ...change(first) }, ...rest] });

const context = (change: object): ((spec: PodSpec) => object) =>
  container(({ securityContext }) => ({ securityContext: { ...securityContext, ...change } }));

const ofPod =
  (change: object) =>
  ({ securityContext }: PodSpec): object => ({ securityContext: { ...securityContext, ...change } });

/** What the level `restricted` forbids, control by control (Kubernetes 1.36, "Pod Security Standards"). */
const FORBIDDEN: readonly (readonly [string, (spec: PodSpec) => object, string])[] = [
  ['a privileged container', context({ privileged: true, allowPrivilegeEscalation: true }), 'privileged'],
  ['privilege escalation', context({ allowPrivilegeEscalation: true }), 'allowPrivilegeEscalation != false'],
  ['an added capability', context({ capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } }), 'NET_ADMIN'],
  ['kept capabilities', context({ capabilities: {} }), 'unrestricted capabilities'],
  ['an unmasked /proc', (spec) => ({ ...context({ procMount: 'Unmasked' })(spec), hostUsers: false }), 'procMount'],
  ['root by name', context({ runAsUser: 0 }), 'runAsUser=0'],
  ['root allowed', ofPod({ runAsNonRoot: false }), 'runAsNonRoot != true'],
  ['no seccomp', ofPod({ seccompProfile: { type: 'Unconfined' } }), 'seccompProfile'],
  ['no AppArmor', ofPod({ appArmorProfile: { type: 'Unconfined' } }), 'AppArmor profile'],
  ['an unsafe sysctl', ofPod({ sysctls: [{ name: 'kernel.msgmax', value: '65536' }] }), 'kernel.msgmax'],
  ['an SELinux user', ofPod({ seLinuxOptions: { user: 'system_u' } }), 'seLinuxOptions'],
  ["the node's network", () => ({ hostNetwork: true }), 'hostNetwork=true'],
  ["the node's processes", () => ({ hostPID: true }), 'hostPID=true'],
  ["the node's memory", () => ({ hostIPC: true }), 'hostIPC=true'],
  ["a folder of the node's", () => ({ volumes: [{ name: 'tmp', hostPath: { path: '/' } }] }), 'hostPath'],
  ["a port of the node's", container(() => ({ ports: [{ containerPort: 8080, hostPort: 8080 }] })), 'hostPort'],
];

proof('Pod Security', (cluster) => {
  beforeAll(async () => void (await cluster().apply(plan)));

  test.each(['orders', 'cache'])('takes the pod of %s without a warning', async (name) => {
    expect(await cluster().dryRun(podOf(name))).toMatchObject({ accepted: true, warnings: [] });
  });

  test.each(FORBIDDEN)('refuses a pod with %s', async (_, change, named) => {
    const { status, message } = await cluster().dryRun(podOf('orders', change));
    expect(message).toContain('violates PodSecurity "restricted:v1.36"');
    expect(message).toContain(named);
    expect(status).toBe(403);
  });

  test('refuses the pods of a workload, which itself is taken with a warning', async () => {
    const { metadata, ...rest } = structuredClone(objectOf(plan, 'Deployment/ordering/orders'));
    const workload: typeof rest & KubeObject = { ...rest, metadata: { ...metadata, name: 'privileged' } };
    workload['spec'].selector.matchLabels = workload['spec'].template.metadata.labels;
    Object.assign(workload['spec'].template.spec.containers[0].securityContext, {
      privileged: true,
      allowPrivilegeEscalation: true,
    });
    const verdict = await cluster().create(workload);
    expect(verdict.accepted).toBe(true);
    expect(verdict.warnings.join()).toContain('would violate PodSecurity "restricted:v1.36"');
    const [message] = await cluster().until(async () => {
      const messages = await failedCreations(cluster(), 'ordering');
      return messages.length > 0 && messages;
    });
    expect(message).toContain('violates PodSecurity "restricted:v1.36"');
  });
});

/** The pod of a Gateway as istiod makes it (Istio 1.31, chart istiod, `files/kube-gateway.yaml`): as far as Pod Security looks. */
const OF_ISTIOD = {
  securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] },
  containers: [
    {
      name: 'istio-proxy',
      image: 'docker.io/istio/proxyv2:1.31.0',
      securityContext: {
        capabilities: { drop: ['ALL'] },
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        runAsUser: 1337,
        runAsGroup: 1337,
        runAsNonRoot: true,
      },
    },
  ],
};

proof('Pod Security of what istiod makes', (cluster) => {
  const made = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'edge-istio', namespace: 'shop' } };
  const pod = (spec: object): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name: 'edge-istio-by-hand' },
    spec,
  });
  const gateway = gatewayPlan(({ edge, orders }) => edge.route('/orders', orders, open), {
    gateway: 'gateway-api',
    mesh: 'none',
  });
  beforeAll(async () => {
    const [namespace] = gateway.objects.filter(({ manifest }) => manifest.kind === 'Namespace');
    await cluster().apply([namespace?.manifest as KubeObject]);
  });

  test('takes it with what the ConfigMap of the gateway adds, and not without', async () => {
    const refused = await cluster().dryRun(pod(OF_ISTIOD));
    expect(refused.message).toContain('violates PodSecurity "restricted:v1.36": seccompProfile');
    const overlay = String(objectOf(gateway, 'ConfigMap/shop/edge')['data'].deployment);
    const deployment = { ...made, spec: { template: { spec: OF_ISTIOD } } };
    const args = ['patch', '--local', '-f', '-', '--type=strategic', '-p', overlay, '-o', 'json'];
    const { stdout } = await cluster().kubectl(args, JSON.stringify(deployment));
    const merged = JSON.parse(stdout) as { readonly spec: { readonly template: { readonly spec: PodSpec } } };
    const { spec } = merged.spec.template;
    expect(spec.containers).toMatchObject([{ name: 'istio-proxy', resources: { limits: { memory: '1Gi' } } }]);
    expect(spec.securityContext).toMatchObject(OF_ISTIOD.securityContext);
    expect(await cluster().dryRun(pod(spec))).toMatchObject({ accepted: true, warnings: [] });
  });
});
