import {
  ApiGateway,
  Auth,
  BoundedContext,
  CircuitBreaker,
  Duration,
  Microservice,
  Percent,
  Rollout,
  Scale,
  Verify,
  definePlatform,
} from 'ashlar';
import type { RunningProcess } from 'ashlar/testing/cluster';
import { allExamples } from './support/examples';
import { analyze, certify } from './support/mesh/engine';
import { place } from './support/mesh/placed';
import { argo, lint, Metrics, rolloutsProof, startController } from './support/rollouts/engine';
import { Stage, VERSION, released, respectful, type VersionedLab } from './support/rollouts/stage';

const HOST = 'shop.example.com';

/** A service with two callers that wait differently long, and a gateway. */
function definition(version: number) {
  return definePlatform('proof', (platform) => {
    const ordering = new BoundedContext(platform, 'ordering', { team: 'a' });
    const image = 'registry.example.com/it:1';
    const verify = Verify.successRate(Percent.of(99)).measured({
      every: Duration.seconds(1),
      window: Duration.seconds(1),
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
    const caller = (id: string, ms: number): void => {
      const service = new Microservice(ordering, id, { image, scale: Scale.fixed(1) });
      service.calls(orders, {
        timeout: Duration.millis(ms),
        circuitBreaker: CircuitBreaker.consecutiveErrors(3, { open: Duration.seconds(30) }),
      });
    };
    caller('hasty', 1000);
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

  const release = async (version: number) => {
    const { objects } = released(definition(version), address);
    const sent = await Promise.all(objects.map((object) => respectful(cluster(), object)));
    return cluster().apply(sent, { wait: false });
  };
  const paused = (index: number) =>
    stage.until(
      `held at step ${index}`,
      ({ currentStepIndex, pauseConditions }) => currentStepIndex === index && (pauseConditions ?? []).length > 0,
    );
  const next = () => argo(cluster(), 'promote', 'orders', '-n', 'ordering');
  const fromGateway = (lab: VersionedLab) => lab.fromOutside(lab.podOf('edge'), HOST, { path: '/orders' });
  const from = (lab: VersionedLab, caller: string, headers = {}) =>
    lab.call(lab.podOf(caller), 'ordering/orders', 8080, { headers });

  test('kubectl argo rollouts and the analyzers of Istio find nothing wrong', () => {
    const plan = released(definition(1), address);
    expect(lint(plan.objects.map(({ manifest }) => manifest))).toBe('');
    const { messages, problems } = analyze(place(plan, 19).objects);
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
    else await next();
    await paused(step);
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
      for (const app of lab.apps.values()) app.delayMs = 1500;
      expect((await from(lab, 'hasty')).status).toBe(504);
      expect((await from(lab, 'hasty', { 'x-canary': 'yes' })).status).toBe(504);
      expect((await from(lab, 'patient')).status).toBe(200);
    } finally {
      await lab.stop();
    }
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

  test('goes on after a restart of the controller, to the end', async () => {
    await controller.stop();
    controller = await startController(cluster());
    await next();
    await stage.until(
      'through',
      ({ phase, currentPodHash, stableRS }) => phase === 'Healthy' && currentPodHash === stableRS,
    );
    await cluster().until(async () => (await stage.weight()) === 0, { what: 'the weight is that of one version' });
  });

  test('a verification that fails takes it back within 10 s', async () => {
    await release(3);
    await paused(1);
    const { status = {} } = await stage.rollout();
    metrics.value = () => 0.5;
    expect(await stage.until('taken back', ({ abort }) => abort === true)).toBeLessThan(10_000);
    await cluster().until(async () => (await stage.weight()) === 0, { what: 'all requests at the old version' });
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
});
