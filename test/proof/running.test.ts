import type { KubeObject, Plan } from 'ashlar';
import { BoundedContext, Cpu, Microservice, Scale, displayNameOf, type Resources } from 'ashlar';
import { proof, type Cluster, type Verdict } from 'ashlar/testing/cluster';
import { planOf } from '../support/plans';
import { builtInExample } from './support/examples';
import { deployment, failedCreations, isReady, podsOf, type Pod } from './support/pods';
import { bareLike, watchQuotas, type Quota } from './support/quotas';

const EXAMPLES = [builtInExample('shop', 'prod'), builtInExample('online-boutique', 'prod')];

interface Scaler extends KubeObject {
  readonly spec: { readonly maxReplicas: number; readonly scaleTargetRef: { readonly name: string } };
}

const scalersOf = (plan: Plan): readonly Scaler[] =>
  plan.objects.map(({ manifest }) => manifest as Scaler).filter(({ kind }) => kind === 'HorizontalPodAutoscaler');

/** What a scaler would do in the end, without the quarter of a minute that it leaves between two steps. */
async function scaleToMost(cluster: Cluster, { metadata: { namespace = '' }, spec }: Scaler): Promise<void> {
  // Else the scaler would take the pods away again.
  cluster.use({ namespace }, { cpu: '64' });
  const target = deployment(namespace, spec.scaleTargetRef.name);
  const verdict = await cluster
    .as({ manager: 'kube-controller-manager' })
    .patch(target, { spec: { replicas: spec.maxReplicas } }, { subresource: 'scale' });
  expect(verdict).toMatchObject({ accepted: true });
}

/** A release of every Deployment of a plan, with pods that take their time to end: they count until they are gone. */
function releaseOf({ objects }: Plan, release: string): readonly KubeObject[] {
  return objects.map(({ manifest }) => {
    if (manifest.kind !== 'Deployment') return manifest;
    const next = structuredClone(manifest) as Released;
    const { metadata } = next.spec.template;
    const annotations = { 'example.com/release': release, 'kwok.x-k8s.io/ends-after': '2s' };
    metadata.annotations = { ...metadata.annotations, ...annotations };
    return next;
  });
}

interface Released extends KubeObject {
  readonly spec: { readonly template: { readonly metadata: { annotations?: object } } };
}

/** The pods of all Deployments of a plan, by display name: how many are wanted and how many may be sent traffic. */
async function available(cluster: Cluster, plan: Plan): Promise<ReadonlyMap<string, number>> {
  const deployments = plan.objects.map(({ manifest }) => manifest).filter(({ kind }) => kind === 'Deployment');
  const counted = deployments.map(async (manifest) => {
    const { namespace = '', name } = manifest.metadata;
    const pods = await podsOf(cluster, namespace, name);
    return [displayNameOf(manifest), pods.filter(isReady).length] as const;
  });
  return new Map(await Promise.all(counted));
}

proof('within its quota', (cluster) => {
  test.each(EXAMPLES)('$name becomes available in $environment', async ({ plan }) => {
    await cluster().apply(releaseOf(plan, '1'));
    for (const [, pods] of await available(cluster(), plan)) expect(pods).toBeGreaterThan(0);
  });

  test.each(EXAMPLES)('$name runs and rolls at its largest scale', async ({ plan }) => {
    for (const scaler of scalersOf(plan)) await scaleToMost(cluster(), scaler);
    await cluster().apply(releaseOf(plan, '1'));
    const namespaces = plan.objects.filter(({ manifest }) => manifest.kind === 'Namespace');
    const watched = watchQuotas(
      cluster(),
      namespaces.map(({ manifest }) => manifest.metadata.name),
    );
    const applied = await cluster().apply(releaseOf(plan, '2'));
    const peaks = await watched.stop();
    expect(applied.filter(({ outcome }) => outcome === 'changed').length).toBeGreaterThan(5);
    const failed = await Promise.all([...peaks.keys()].map((name) => failedCreations(cluster(), name)));
    expect(failed.flat()).toEqual([]);
    const pods = await available(cluster(), plan);
    for (const { metadata, spec } of scalersOf(plan)) {
      expect(pods.get(`Deployment/${metadata.namespace}/${spec.scaleTargetRef.name}`)).toBe(spec.maxReplicas);
    }
    // Old pods that end beside new ones, and a quarter above: four fifths at the most.
    for (const share of peaks.values()) expect(share).toBeLessThanOrEqual(80);
  });

  test('one pod more than the quota is refused', async () => {
    const metadata = { namespace: 'billing', name: 'quota' };
    const { hard, pods } = await cluster().until(async () => {
      const quota = await cluster().get<Quota>({ apiVersion: 'v1', kind: 'ResourceQuota', metadata });
      // Pods of a Job that has ended count no more, and those that were ending are gone.
      const all = await podsOf(cluster(), 'billing');
      const counted = all.filter(({ status }) => status.phase !== 'Succeeded');
      return quota?.status.used['pods'] === String(counted.length) && { hard: quota.status.hard, pods: counted };
    });
    const free = Number(hard['pods']) - pods.length;
    expect(free).toBeGreaterThan(0);
    const bare = (index: number): KubeObject => bareLike(pods[0]!, `bare-${index}`);
    for (let index = 0; index < free; index += 1) {
      expect(await cluster().create(bare(index))).toMatchObject({ accepted: true });
    }
    expect((await cluster().create(bare(free))).message).toContain(
      `exceeded quota: quota, requested: pods=1, used: pods=${hard['pods']}, limited: pods=${hard['pods']}`,
    );
    for (let index = 0; index < free; index += 1) await cluster().delete(bare(index));
  });
});

/** A service in a namespace of its own. */
const serviceOf = (namespace: string, image: string, scale: Scale, resources?: Resources): Plan =>
  planOf(
    (shop) => {
      const context = new BoundedContext(shop, namespace, { team: 'orders' });
      new Microservice(context, 'orders', { image, ports: { http: 8080 }, scale, ...(resources && { resources }) });
    },
    { tier: 'production', environment: { zones: ['zone-a', 'zone-b', 'zone-c'] } },
  );

proof('what happens to pods', (cluster) => {
  const evict = ({ metadata: { namespace, name } }: Pod): Promise<Verdict> =>
    cluster().create(
      { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } },
      { name: 'eviction', of: { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } } },
    );

  /** Keeps others from being made in place of those that go, as a cluster that is full would. */
  async function close(namespace: string): Promise<KubeObject> {
    const closed = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { namespace, name: 'closed' } };
    await cluster().apply([{ ...closed, spec: { hard: { pods: '0' } } }]);
    const [pod] = await podsOf(cluster(), namespace, 'orders');
    await cluster().until(async () => !(await cluster().dryRun(bareLike(pod!, 'bare'))).accepted);
    return closed;
  }

  /** Opens it again. A controller that was refused asks ever more seldom, but at once when its object changes. */
  async function open(closed: KubeObject): Promise<void> {
    const { namespace = '' } = closed.metadata;
    const [pod] = await podsOf(cluster(), namespace, 'orders');
    await cluster().delete(closed);
    await cluster().until(async () => (await cluster().dryRun(bareLike(pod!, 'bare'))).accepted);
    for (const replicas of await cluster().list('apps/v1', 'ReplicaSet', { namespace })) {
      await cluster().patch(replicas, { metadata: { annotations: { 'example.com/opened': 'true' } } });
    }
  }

  test.each([
    ['of 3 pods one', 'three', 3, 1],
    ['of 8 pods a quarter', 'eight', 8, 2],
    ['of 9 pods a quarter, rounded up', 'nine', 9, 3],
  ])('a drain may take %s at once, and more when others are ready', async (_, namespace, pods, allowed) => {
    await cluster().apply(serviceOf(namespace, 'ghcr.io/acme/orders:1.0.0', Scale.fixed(pods)));
    await allowedNow(namespace, allowed);
    const closed = await close(namespace);
    const statuses: number[] = [];
    for (const pod of await podsOf(cluster(), namespace, 'orders')) statuses.push((await evict(pod)).status);
    const refused = pods - allowed;
    expect(statuses).toEqual([...Array<number>(allowed).fill(201), ...Array<number>(refused).fill(429)]);
    await open(closed);
    await allowedNow(namespace, allowed);
    const [next] = await podsOf(cluster(), namespace, 'orders');
    expect((await evict(next!)).status).toBe(201);
  });

  /** Waits until so many pods may go. */
  async function allowedNow(namespace: string, allowed: number): Promise<void> {
    const metadata = { namespace, name: 'orders' };
    const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata };
    await cluster().until(
      async () => {
        const found = await cluster().get<{ status?: { disruptionsAllowed?: number } }>(budget);
        return found?.status?.disruptionsAllowed === allowed;
      },
      { what: `${allowed} pods that may go` },
    );
  }

  // The quota follows the new requests, and the old pods count until they are gone.
  test('a service whose requests are halved still rolls', async () => {
    const requesting = (millis: number): Plan =>
      serviceOf('halved', 'ghcr.io/acme/orders:1.0.0', Scale.fixed(3), { cpu: { request: Cpu.millis(millis) } });
    await cluster().apply(requesting(400));
    await cluster().apply(requesting(200));
  });

  test('a failed image leaves the old version serving, and the old plan mends it', async () => {
    const old = serviceOf('failing', 'ghcr.io/acme/orders:1.0.0', Scale.fixed(3));
    await cluster().apply(old);
    const before = await podsOf(cluster(), 'failing', 'orders');
    await cluster().until(async () => (await serving()).length === 3, { what: 'its Service to know its pods' });
    await cluster().apply(serviceOf('failing', 'missing/orders:2.0.0', Scale.fixed(3)), { wait: false });
    await cluster().until(async () => (await waiting()).length === 1, { what: 'one pod that cannot pull its image' });
    expect(ids((await podsOf(cluster(), 'failing', 'orders')).filter(isReady))).toEqual(ids(before));
    expect(await serving()).toEqual(ids(before));
    await cluster().apply(old);
    expect(ids(await podsOf(cluster(), 'failing', 'orders'))).toEqual(ids(before));
  });

  const ids = (pods: readonly Pod[]): readonly string[] => pods.map(({ metadata }) => metadata.uid).sort();

  async function waiting(): Promise<readonly Pod[]> {
    const pods = await podsOf(cluster(), 'failing', 'orders');
    return pods.filter(({ status }) => status.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff');
  }

  /** The pods that its Service sends traffic to. */
  async function serving(): Promise<readonly string[]> {
    const slices = await cluster().list<Slice>('discovery.k8s.io/v1', 'EndpointSlice', { namespace: 'failing' });
    const ready = slices.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions.ready);
    return ready.map(({ targetRef }) => targetRef.uid).sort();
  }
});

interface Slice {
  readonly endpoints?: readonly {
    readonly conditions: { readonly ready: boolean };
    readonly targetRef: { readonly uid: string };
  }[];
}
