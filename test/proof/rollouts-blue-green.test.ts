import {
  BoundedContext,
  Cpu,
  Duration,
  Microservice,
  Percent,
  Rollout,
  Scale,
  Verify,
  definePlatform,
  type VerifyJobProps,
} from 'ashlar';
import type { RunningProcess } from 'ashlar/testing/cluster';
import { lint, Metrics, rolloutsProof, startController } from './support/rollouts/engine';
import { Stage, released } from './support/rollouts/stage';

/** A service, and one that calls it. */
function definition(version: number, tests: Partial<VerifyJobProps> = {}) {
  return definePlatform('proof', (platform) => {
    const billing = new BoundedContext(platform, 'billing', { team: 'b' });
    const image = 'registry.example.com/it:1';
    const payments = new Microservice(billing, 'payments', {
      image: `registry.example.com/payments:${version}`,
      ports: { http: 8080 },
      scale: Scale.fixed(2),
      rollout: Rollout.blueGreen({
        verify: Verify.job({ image: 'registry.example.com/tests:1', deadline: Duration.seconds(3), ...tests }),
        verifyAfter: Verify.successRate(Percent.of(99)).measured({
          every: Duration.seconds(1),
          window: Duration.seconds(2),
        }),
        keepOld: Duration.seconds(8),
        promote: 'manual',
        testers: { header: 'x-preview', value: 'yes' },
      }),
    });
    new Microservice(billing, 'caller', { image, scale: Scale.fixed(1) }).calls(payments, {
      timeout: Duration.seconds(10),
    });
  });
}

rolloutsProof('a blue-green release', (cluster) => {
  const metrics = new Metrics();
  let address = '';
  let controller: RunningProcess;
  let stage: Stage;
  beforeAll(async () => {
    address = await metrics.start();
    controller = await startController(cluster());
    await cluster().apply(released(definition(1), address));
    stage = new Stage(cluster(), 'billing', 'payments');
    await stage.until('healthy', ({ phase }) => phase === 'Healthy');
  });
  afterAll(async () => {
    metrics.stop();
    await controller.stop();
  });
  beforeEach(() => {
    metrics.value = () => 1;
  });

  const release = async (version: number, tests: Partial<VerifyJobProps> = {}) => {
    const applied = await stage.send(released(definition(version, tests), address).objects);
    expect(applied.map(({ outcome }) => outcome)).not.toContain('refused');
  };
  /** Share of the requests that a version gets, through live proxies. */
  const share = async (version: string, headers = {}): Promise<number> => {
    const lab = await stage.lab();
    try {
      return await lab.share(version, 100, () => lab.call(lab.podOf('caller'), 'billing/payments', 8080, { headers }));
    } finally {
      await lab.stop();
    }
  };
  const current = async () => (await stage.rollout()).status ?? {};
  const waiting = () =>
    stage.until('waits for somebody', ({ pauseConditions = [] }) =>
      pauseConditions.some(({ reason }) => reason === 'BlueGreenPause'),
    );
  /** Somebody of the team says so, with no more than the team's own rights. */
  const promote = () => stage.say('promote', '--as=alice', '--as-group=b');

  test('kubectl argo rollouts finds nothing wrong', () => {
    expect(lint(released(definition(1), address).objects.map(({ manifest }) => manifest))).toBe('');
  });

  test('is verified beside the old version, waits for somebody, and then gets all requests', async () => {
    const { stableRS: old = '' } = await current();
    await release(2);
    await waiting();
    const { currentPodHash: fresh = '' } = await current();
    expect(await cluster().list('batch/v1', 'Job', { namespace: 'billing' })).toMatchObject([
      { status: { succeeded: 1 }, spec: { template: { spec: { serviceAccountName: 'payments-verify' } } } },
    ]);
    expect(await share(old)).toBe(100);
    expect(await share(fresh, { 'x-preview': 'yes' })).toBe(100);
    expect(await stage.pods()).toHaveLength(4);
    await promote();
    await stage.through();
    expect(await share(fresh)).toBe(100);
    await cluster().until(async () => (await stage.pods()).length === 2, { what: 'the old version is gone' });
    expect(metrics.queries.at(-1)).toContain('destination_service_name="payments"');
  });

  test('is not switched to where its verification before fails', async () => {
    const { stableRS: old = '' } = await current();
    // No node has so much, and its time is over.
    await release(3, { resources: { cpu: { request: Cpu.units(1000) } } });
    await stage.until('taken back', ({ abort }) => abort === true);
    expect(await share(old)).toBe(100);
  });

  test('waits for somebody where its verification cannot be run', async () => {
    const { stableRS: old = '' } = await current();
    await release(4, { image: 'missing/tests:1' });
    await stage.until('undecided', ({ pauseConditions = [] }) =>
      pauseConditions.some(({ reason }) => reason === 'InconclusiveAnalysisRun'),
    );
    expect(await serving()).toBe(old);
  });

  test('is switched back where its verification after fails', async () => {
    const { stableRS: old = '' } = await current();
    metrics.value = () => 0.5;
    await release(5);
    await waiting();
    await promote();
    await stage.until('taken back', ({ abort }) => abort === true);
    await cluster().until(async () => (await serving()) === old, { what: 'the old version serves' });
    expect(await share(old)).toBe(100);
  });

  test('the version before comes back at once, unverified', async () => {
    for (const version of [6, 7]) {
      await release(version);
      await waiting();
      await promote();
      await stage.through();
    }
    const before = metrics.queries.length;
    await release(6);
    await stage.through();
    expect(metrics.queries.length).toBe(before);
  });

  /** The version that the Service leads to. */
  const serving = async (): Promise<string | undefined> => {
    const service = await cluster().get<{ spec: { selector: Record<string, string> } }>({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'billing', name: 'payments' },
    });
    return service?.spec.selector['rollouts-pod-template-hash'];
  };
});
