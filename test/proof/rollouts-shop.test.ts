import type { KubeObject } from 'ashlar';
import type { RunningProcess } from 'ashlar/testing/cluster';
import { exampleOf } from './support/examples';
import { token, withKeys } from './support/issuer';
import { certify } from './support/mesh/engine';
import { Metrics, rolloutsProof, startController } from './support/rollouts/engine';
import { Stage, type VersionedLab } from './support/rollouts/stage';

const HOST = 'api.shop.example.com';
const CUSTOMER = { iss: 'https://login.shop.example.com', scope: 'orders' };
const TESTER = { 'x-canary': 'yes' };

interface Block {
  readonly match: readonly { readonly sourceLabels?: Readonly<Record<string, string>> }[];
}

rolloutsProof('the canary of the example shop in production', (cluster) => {
  const metrics = new Metrics();
  let controller: RunningProcess;
  let stage: Stage;
  let plan: ReturnType<typeof exampleOf>['plan'];
  beforeAll(async () => {
    const address = await metrics.start();
    plan = exampleOf('shop', 'prod', ({ backEnds: { rollout, ...others }, ...file }) => ({
      ...file,
      backEnds: { ...others, rollout: { ...rollout!, options: { metrics: address } } },
    })).plan;
    controller = await startController(cluster());
    await cluster().apply(plan, { wait: false });
    stage = new Stage(cluster(), 'ordering', 'orders');
    await stage.until('healthy', ({ phase }) => phase === 'Healthy', 120_000);
  });
  afterAll(async () => {
    metrics.stop();
    await controller.stop();
  });

  /** Another image, as a deployer sends it. */
  const release = async (image: string): Promise<void> => {
    const rollout = plan.objects.find(
      ({ manifest }) => manifest.kind === 'Rollout' && manifest.metadata.name === 'orders',
    )!;
    const manifest = structuredClone(rollout.manifest) as Released;
    for (const container of manifest.spec.template.spec.containers) container.image = image;
    await stage.send([{ ...rollout, manifest }]);
  };
  /** Names of the callers for whom the service has a block of its own. */
  const callers = (): readonly string[] => {
    const routes = plan.objects.find(
      ({ manifest: { kind, metadata } }) => kind === 'VirtualService' && metadata.name === 'orders',
    );
    const { http } = routes!.manifest['spec'] as { readonly http: readonly Block[] };
    const named = http.flatMap(({ match }) =>
      match.map(({ sourceLabels }) => sourceLabels?.['app.kubernetes.io/name']),
    );
    return [...new Set(named.filter((name) => name !== undefined))];
  };
  const fromGateway =
    (lab: VersionedLab, more = {}) =>
    () =>
      lab.fromOutside(lab.podOf('gateway'), HOST, { path: '/v1/orders/7', headers: { ...token(CUSTOMER), ...more } });
  const from =
    (lab: VersionedLab, caller: string, headers = {}) =>
    () =>
      lab.call(lab.podOf(caller), 'ordering/orders', 8080, { path: '/7', headers });

  test('is called by more than one service, and by the gateway', () => {
    expect(callers()).toEqual(['order-page', 'returns', 'mobile-bff']);
  });

  // So many requests that 3 points are at least four standard deviations.
  test.each([
    [5, 1, 2000],
    [25, 3, 3000],
    [50, 5, 4500],
  ])('at %d %% requests of each of them follow', async (weight, step, requests) => {
    if (step === 1) await release('registry.example.com/acme/orders:1.5.0');
    else await stage.say('promote');
    await stage.paused(step);
    const { status = {} } = await stage.rollout();
    const canary = status.currentPodHash ?? '';
    const options = { shown: certify(HOST), change: withKeys };
    const lab = await stage.lab(options, [], ['orders', 'gateway', ...callers()]);
    try {
      const sources = [fromGateway(lab), ...callers().map((caller) => from(lab, caller))];
      for (const call of sources) {
        expect(Math.abs((await lab.share(canary, requests, call)) - weight)).toBeLessThanOrEqual(3);
      }
      const testers = [fromGateway(lab, TESTER), ...callers().map((caller) => from(lab, caller, TESTER))];
      for (const call of testers) expect(await lab.share(canary, 50, call)).toBe(100);
    } finally {
      await lab.stop();
    }
  });

  test('and then all of them are at the new version', async () => {
    await stage.say('promote');
    await stage.through();
    await cluster().until(async () => (await stage.weight()) === 0, { what: 'the weight is that of one version' });
  });

  test('a version that does not become ready gets no request, and the old one stays as it is', async () => {
    const { status: { stableRS } = {} } = await stage.rollout();
    const ready = (await stage.pods()).length;
    await release('missing/orders:2');
    await cluster().until(
      async () => {
        const pods = await cluster().list('v1', 'Pod', {
          namespace: 'ordering',
          labels: { 'app.kubernetes.io/name': 'orders' },
        });
        return pods.length > ready;
      },
      { what: 'a pod of the version that cannot come up' },
    );
    await stage.until('waits for it', ({ phase }) => phase === 'Progressing');
    expect(await stage.weight()).toBe(0);
    const { status = {} } = await stage.rollout();
    expect([status.currentStepIndex, status.stableRS]).toEqual([0, stableRS]);
    expect(await stage.pods()).toHaveLength(ready);
  });
});

interface Released extends KubeObject {
  readonly spec: { readonly template: { readonly spec: { readonly containers: { image: string }[] } } };
}
