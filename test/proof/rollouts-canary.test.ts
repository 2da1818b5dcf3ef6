import {
  ApiGateway,
  Auth,
  BoundedContext,
  CircuitBreaker,
  Config,
  Duration,
  Key,
  Microservice,
  Percent,
  Rollout,
  Scale,
  Verify,
  definePlatform,
  type KubeObject,
} from 'ashlar';
import type { RunningProcess } from 'ashlar/testing/cluster';
import { allExamples } from './support/examples';
import { analyze, certify, render } from './support/mesh/engine';
import { place } from './support/mesh/placed';
import { lint, Metrics, rolloutsProof, startController } from './support/rollouts/engine';
import { Load } from './support/rollouts/load';
import { Stage, VERSION, followWeights, released, type VersionedLab } from './support/rollouts/stage';

const HOST = 'shop.example.com';

/** A service with two callers that wait differently long, and a gateway. */
function definition(version: number) {
  return definePlatform('proof', (platform) => {
    const ordering = new BoundedContext(platform, 'ordering', { team: 'a' });
    const image = 'registry.example.com/it:1';
    const verify = Verify.successRate(Percent.of(99)).measured({
      every: Duration.seconds(1),
      window: Duration.seconds(2),
    });
    const orders = new Microservice(ordering, 'orders', {
      image: `registry.example.com/orders:${version}`,
      ports: { http: 8080 },
      scale: Scale.between(2, 6),
      rollout: Rollout.canary({
        weights: [5, 25, 50],
        hold: Duration.hours(1),
        verify,
        testers: { header: 'x-canary', value: 'yes' },
      }),
    });
    const values = { RELEASE: version };
    orders.reads(new Config(ordering, 'settings', { schema: { RELEASE: Key.integer({ min: 1 }) }, values }));
    const caller = (id: string, ms: number): void => {
      const service = new Microservice(ordering, id, { image, scale: Scale.fixed(1) });
      service.calls(orders, {
        timeout: Duration.millis(ms),
        circuitBreaker: CircuitBreaker.consecutiveErrors(3, {
          open: Duration.seconds(30),
          maxEjected: Percent.of(100),
        }),
      });
    };
    caller('hasty', 2500);
    caller('patient', 10_000);
    const edge = new ApiGateway(ordering, 'edge', { hosts: [HOST] });
    edge.route('/orders', orders, { auth: Auth.none('A proof asks.'), timeout: Duration.seconds(10) });
  });
}

rolloutsProof('a canary', (cluster) => {
  const metrics = new Metrics();
  let address = '';
  let controller: RunningProcess;
  let stage: Stage;
  beforeAll(async () => {
    address = await metrics.start();
    controller = await startController(cluster());
    await cluster().apply(released(definition(1), address));
    stage = new Stage(cluster(), 'ordering', 'orders');
    await stage.until('healthy', ({ phase }) => phase === 'Healthy');
    await cluster().until(async () => (await stage.pods()).length === 2, { what: 'as many pods as the scaler wants' });
  });
  afterAll(async () => {
    metrics.stop();
    await controller.stop();
  });

  const release = (version: number) => stage.send(released(definition(version), address).objects);
  const fromGateway = (lab: VersionedLab) => lab.fromOutside(lab.podOf('edge'), HOST, { path: '/orders' });
  const from = (lab: VersionedLab, caller: string, headers = {}) =>
    lab.call(lab.podOf(caller), 'ordering/orders', 8080, { headers });

  test('kubectl argo rollouts and the analyzers of Istio find nothing wrong', () => {
    const plan = released(definition(1), address);
    expect(lint(plan.objects.map(({ manifest }) => manifest))).toBe('');
    const { messages, problems } = analyze(place(plan).objects);
    expect(problems).toEqual([]);
    // Pods say by themselves that they are in the mesh, namespaces do not; and others make the gateway's certificate.
    const told = messages.filter(({ code, message }) => code !== 'IST0102' && !message.includes('edge-tls'));
    expect(told).toEqual([]);
  });

  test('nor with an example', () => {
    const released = allExamples().filter(({ plan }) =>
      plan.objects.some(({ manifest }) => manifest.kind === 'Rollout'),
    );
    expect(released.length).toBeGreaterThan(1);
    for (const { plan } of released) expect(lint(plan.objects.map(({ manifest }) => manifest))).toBe('');
  });

  // So many requests that 3 points are at least four standard deviations.
  test.each([
    [5, 1, 2000],
    [25, 3, 3000],
    [50, 5, 4500],
  ])('at %d %% requests follow for each caller', async (weight, step, requests) => {
    if (step === 1) await release(2);
    else await stage.say('promote');
    await stage.paused(step);
    expect(await stage.weight()).toBe(weight);
    const { status = {} } = await stage.rollout();
    const canary = status.currentPodHash ?? '';
    const lab = await stage.lab({ shown: certify(HOST) });
    try {
      expect(lab.problems).toEqual([]);
      for (const caller of ['hasty', 'patient']) {
        const share = await lab.share(canary, requests, () => from(lab, caller));
        expect(Math.abs(share - weight)).toBeLessThanOrEqual(3);
      }
      const share = await lab.share(canary, requests, () => fromGateway(lab));
      expect(Math.abs(share - weight)).toBeLessThanOrEqual(3);
      const testers = await lab.share(canary, 100, () => from(lab, 'patient', { 'x-canary': 'yes' }));
      expect(testers).toBe(100);
      for (const app of lab.apps.values()) app.delayMs = 3000;
      expect((await from(lab, 'hasty')).status).toBe(504);
      expect((await from(lab, 'hasty', { 'x-canary': 'yes' })).status).toBe(504);
      expect((await from(lab, 'patient')).status).toBe(200);
      await breaks(lab, canary);
    } finally {
      await lab.stop();
    }
  });

  /** The breaker of one caller opens for the new version; others, and the old version, are not concerned. */
  const breaks = async (lab: VersionedLab, canary: string): Promise<void> => {
    const bad = lab.appsOf(canary);
    for (const app of lab.apps.values()) app.delayMs = 0;
    const tester = async (caller: string) => (await from(lab, caller, { 'x-canary': 'yes' })).status;
    // Errors before these are forgotten by a good answer of each pod.
    for (let good = 0; good < 10; good += 1) expect(await tester('hasty')).toBe(200);
    for (const app of bad) app.answer = () => 500;
    const answers: number[] = [];
    // Three of each pod open it. A busy proxy lets some more through until it has counted those.
    while (!answers.includes(503) && answers.length < 50) answers.push(await tester('hasty'));
    expect(answers.at(-1)).toBe(503);
    expect(answers.length - 1).toBeGreaterThanOrEqual(3 * bad.length);
    for (const app of bad) app.seen = [];
    expect(await tester('hasty')).toBe(503);
    expect(bad.flatMap(({ seen }) => seen)).toEqual([]);
    expect(await tester('patient')).toBe(500);
    const others = new Set<number>();
    // A few at a time: all at once would take a busy machine longer than this caller waits.
    for (let asked = 0; asked < 200; asked += 10)
      for (const { status } of await Promise.all(Array.from({ length: 10 }, () => from(lab, 'hasty'))))
        others.add(status);
    expect(others).toEqual(new Set([200, 503]));
    expect(bad.flatMap(({ seen }) => seen)).toHaveLength(1);
  };

  test('what is known of hosts: a rule holds for the one that it names, and a Sidecar knows where routes lead', () => {
    const placed = place(released(definition(1), address));
    const hasty = placed.proxyOf(placed.pods.get('ordering/hasty')!);
    const clusterOf = (objects: readonly KubeObject[]) =>
      render(objects, [hasty]).proxies[0]?.clusters.find(({ name }) => /orders-canary\./.test(name as string));
    expect(clusterOf(placed.objects)).toHaveProperty('outlierDetection');
    const ofCanary = ({ kind, ...object }: KubeObject): boolean =>
      kind === 'DestinationRule' && /^orders-canary\./.test((object['spec'] as { readonly host: string }).host);
    const without = clusterOf(placed.objects.filter((object) => !ofCanary(object)));
    expect(without).toBeDefined();
    expect(without).not.toHaveProperty('outlierDetection');
    const unknown = placed.objects.map((object) => {
      if (object.kind !== 'Sidecar' || object.metadata.name !== 'hasty') return object;
      const { egress, ...spec } = object['spec'] as {
        readonly egress: readonly { readonly hosts: readonly string[] }[];
      };
      const known = egress.map(({ hosts, ...rest }) => ({
        ...rest,
        hosts: hosts.filter((host) => !/orders-canary/.test(host)),
      }));
      return { ...object, spec: { ...spec, egress: known } };
    });
    expect(clusterOf(unknown)).toBeDefined();
  });

  test('each version reads its own configuration, and that of the old one stays', async () => {
    const { status = {} } = await stage.rollout();
    const read = (await stage.pods()).map((pod) => {
      const [name] = /settings-[0-9a-f]+/.exec(JSON.stringify(pod['spec'])) ?? [];
      return [pod.metadata.labels?.[VERSION], name] as const;
    });
    const names = new Map(read);
    expect(names.size).toBe(2);
    expect(names.get(status.stableRS)).not.toBe(names.get(status.currentPodHash));
    const stored = (await cluster().list('v1', 'ConfigMap', { namespace: 'ordering' })).map(
      ({ metadata }) => metadata.name,
    );
    expect(stored).toEqual(expect.arrayContaining([...names.values()]));
  });

  test('in the middle of it nobody fights over weights and numbers', async () => {
    const { status: before } = await stage.rollout();
    // The same once more, and more pods at the same time.
    expect((await release(2)).map(({ outcome }) => outcome)).not.toContain('refused');
    expect(await stage.weight()).toBe(50);
    const rollout = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { namespace: 'ordering', name: 'orders' },
    };
    await cluster()
      .as({ manager: 'scaler' })
      .patch(rollout, { spec: { replicas: 4 } }, { subresource: 'scale' });
    await cluster().until(async () => (await stage.pods()).length === 6, { what: 'four old pods and two new ones' });
    expect(await stage.weight()).toBe(50);
    const { status: after } = await stage.rollout();
    expect(after).toMatchObject({ currentStepIndex: before?.currentStepIndex, currentPodHash: before?.currentPodHash });
  });

  /** The object with the weights, as it is planned. */
  const weights = () => {
    const { objects } = released(definition(2), address);
    return objects.find(({ manifest }) => manifest.metadata.name === 'orders-http-versions')!.manifest;
  };
  const corrected = async (): Promise<number> => {
    const start = performance.now();
    await cluster().until(async () => (await stage.weight()) === 50, { what: 'the weight is back' });
    return performance.now() - start;
  };

  test('a tool that knows nothing of it is refused by the server', async () => {
    const { accepted, status } = await cluster().as({ manager: 'naive' }).applyObject(weights());
    expect({ accepted, status }).toEqual({ accepted: false, status: 409 });
  });

  test('one that forces its way is corrected, and so is kubectl apply', async () => {
    const forced = await cluster().as({ manager: 'rude' }).applyObject(weights(), { force: true });
    expect(forced).toMatchObject({ accepted: true, object: { spec: { http: [{ route: [{ weight: 100 }, {}] }] } } });
    expect(await corrected()).toBeLessThan(10_000);
    expect(await cluster().kubectl(['apply', '-f', '-'], JSON.stringify(weights()))).toMatchObject({ code: 0 });
    expect(await corrected()).toBeLessThan(10_000);
  });

  test('without the object that holds the weights it stands still, and goes on when that is back', async () => {
    const { status: before } = await stage.rollout();
    await cluster().delete(weights());
    await stage.until('misses it', ({ message = '' }) => message.includes('orders-http-versions'));
    await cluster().apply([weights()]);
    await stage.until('goes on', ({ phase }) => phase === 'Paused');
    const { status: after } = await stage.rollout();
    expect(after?.currentStepIndex).toBe(before?.currentStepIndex);
    await cluster().until(async () => (await stage.weight()) === 50, { what: 'the weight is back' });
  });

  test('goes on after a restart of the controller, to the end', async () => {
    await controller.stop();
    controller = await startController(cluster());
    await stage.say('promote');
    await stage.through();
    await cluster().until(async () => (await stage.weight()) === 0, { what: 'the weight is that of one version' });
  });

  test('a verification that fails takes it back within 10 s', async () => {
    await release(3);
    await stage.paused(1);
    const { status = {} } = await stage.rollout();
    const under = await stage.lab({ shown: certify(HOST), follows: true });
    const bad = under.appsOf(status.currentPodHash ?? '');
    for (const app of bad) app.answer = () => 500;
    const load = new Load(() => fromGateway(under));
    try {
      metrics.value = () => 0.5;
      expect(await stage.until('taken back', ({ abort }) => abort === true)).toBeLessThan(10_000);
      await cluster().until(async () => (await stage.weight()) === 0, { what: 'all requests at the old version' });
      await followWeights(cluster(), under);
      await load.more(500);
      const answered = bad.flatMap(({ seen }) => seen).length;
      await load.more(500);
      const statuses = await load.stop();
      // What the new version answered badly, and nothing else; and in the end nothing came there.
      expect(statuses.filter((one) => one !== 200)).toEqual(Array.from({ length: answered }, () => 500));
      expect(answered).toBeGreaterThan(0);
      expect(bad.flatMap(({ seen }) => seen)).toHaveLength(answered);
    } finally {
      await load.stop();
      await under.stop();
    }
    expect(metrics.queries.at(-1)).toContain('destination_service_name="orders-canary"');
    const old = status.stableRS ?? '';
    await cluster().until(
      async () => (await stage.pods()).every(({ metadata }) => metadata.labels?.[VERSION] === old),
      {
        what: 'pods of the new version are gone',
      },
    );
    const lab = await stage.lab({ shown: certify(HOST) });
    try {
      expect(await lab.share(old, 200, () => from(lab, 'patient'))).toBe(100);
      expect(await lab.share(old, 100, () => from(lab, 'patient', { 'x-canary': 'yes' }))).toBe(100);
    } finally {
      await lab.stop();
    }
  });

  test('without requests it waits until somebody decides', async () => {
    metrics.value = () => undefined;
    await release(4);
    await stage.until('undecided', ({ pauseConditions = [] }) =>
      pauseConditions.some(({ reason }) => reason === 'InconclusiveAnalysisRun'),
    );
    expect(await stage.weight()).toBe(5);
  });

  test('another image in the middle of it begins anew', async () => {
    metrics.value = () => 1;
    const { status: before = {} } = await stage.rollout();
    await release(5);
    await stage.until(
      'held at the first weight of the next version',
      ({ currentPodHash, currentStepIndex, pauseConditions = [] }) =>
        currentPodHash !== before.currentPodHash && currentStepIndex === 1 && pauseConditions.length > 0,
    );
    expect(await stage.weight()).toBe(5);
    const { status: after = {} } = await stage.rollout();
    expect(after.stableRS).toBe(before.stableRS);
    await cluster().until(
      async () => (await stage.pods()).every(({ metadata }) => metadata.labels?.[VERSION] !== before.currentPodHash),
      { what: 'pods of the version that was given up are gone' },
    );
  });
});
