import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  ApiGateway,
  Auth,
  BoundedContext,
  Duration,
  Microservice,
  Rollout,
  Scale,
  definePlatform,
  type KubeObject,
} from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import type { RunningProcess } from 'ashlar/testing/cluster';
import { deployed, podsOfGateway } from './support/mesh/gateway-api';
import { certificatesOf } from './support/mesh/around';
import { certify, meshProof } from './support/mesh/engine';
import { gatewayPlugin, lint, rolloutsProof, startController } from './support/rollouts/engine';
import { Stage, VersionedLab, released } from './support/rollouts/stage';

const HOST = 'shop.example.com';
const TESTER = { 'x-canary': 'yes' };

/** A service behind a gateway, and with a caller where it is in a mesh. */
const definition = (version: number, called: boolean) =>
  definePlatform('proof', (platform) => {
    const shop = new BoundedContext(platform, 'shop', { team: 'a' });
    const orders = new Microservice(shop, 'orders', {
      image: `registry.example.com/orders:${version}`,
      ports: { http: 8080 },
      scale: Scale.fixed(2),
      rollout: Rollout.canary({
        weights: [5, 50],
        hold: Duration.hours(1),
        testers: { header: 'x-canary', value: 'yes' },
      }),
    });
    if (called) {
      const caller = new Microservice(shop, 'caller', { image: 'registry.example.com/it:1', scale: Scale.fixed(1) });
      caller.calls(orders, { timeout: Duration.seconds(10) });
    }
    const options = { auth: Auth.none('A proof asks.'), timeout: Duration.seconds(10) };
    new ApiGateway(shop, 'edge', { hosts: [HOST] })
      .route('/orders', orders, options)
      .route('/v1', orders, { ...options, rewrite: '/' });
  });

const ask =
  (lab: VersionedLab, path: string, headers = {}) =>
  () =>
    lab.fromOutside('shop/edge-istio', HOST, { path, headers });

meshProof('a gateway of the Gateway API and no mesh', () => {
  test('shares the requests of each route as the environment says, and testers get what they ask for', async () => {
    const at = 'environments/test.yaml:1:1';
    const versions = { 'shop/orders': { image: 'registry.example.com/orders:2', percent: 30 } };
    const backEnds = {
      gateway: { name: 'gateway-api', options: {}, at },
      rollout: { name: 'plain', options: { versions }, at },
    };
    const environment = { ...plainEnvironment('dev', 'development'), backEnds };
    const plan = makePlan(definition(1, false), environment, { today: '2026-01-01' });
    const shown = certify(HOST);
    const around = { shown, beside: certificatesOf(plan, shown) };
    const lab = new VersionedLab(deployed(plan), around, 'ashlar.dev/version');
    try {
      expect(lab.problems).toEqual([]);
      await lab.start('shop/edge-istio', 'shop/orders', 'shop/orders-next');
      for (const path of ['/orders', '/v1/orders']) {
        expect(Math.abs((await lab.share('next', 3500, ask(lab, path))) - 30)).toBeLessThanOrEqual(3);
        expect(await lab.share('next', 100, ask(lab, path, TESTER))).toBe(100);
      }
    } finally {
      await lab.stop();
    }
  });
});

rolloutsProof('a canary behind a gateway of the Gateway API', (cluster) => {
  test('kubectl argo rollouts finds nothing wrong', () => {
    const plan = released(definition(1, true), undefined, 'gateway-api');
    expect(lint(plan.objects.map(({ manifest }) => manifest))).toBe('');
  });

  test('without the plugin only the controller says what is missing', async () => {
    const controller = await startController(cluster());
    try {
      await cluster().apply(released(definition(1, true), undefined, 'gateway-api'), { wait: false });
      const missing = 'argoproj-labs/gatewayAPI not configured in configmap';
      await cluster().until(() => controller.output().includes(missing), { what: 'the controller misses it' });
      const { status } = await new Stage(cluster(), 'shop', 'orders').rollout();
      expect(status?.phase).toBe('Progressing');
    } finally {
      await controller.stop();
    }
  });

  const plugin = gatewayPlugin();
  const described = plugin === undefined ? describe.skip : describe;
  described(
    plugin === undefined ? 'with the plugin (skipped: ASHLAR_GATEWAY_PLUGIN names none)' : 'with the plugin',
    () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'ashlar-plugin-'));
      let controller: RunningProcess;
      let stage: Stage;
      const planned = (version: number) => released(definition(version, true), undefined, 'gateway-api');
      const release = (version: number) => stage.send(planned(version).objects);
      beforeAll(async () => {
        const location = `file://${plugin ?? ''}`;
        const trafficRouterPlugins = JSON.stringify([{ name: 'argoproj-labs/gatewayAPI', location }]);
        await cluster().apply([
          { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argo-rollouts' } },
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'argo-rollouts-config', namespace: 'argo-rollouts' },
            data: { trafficRouterPlugins },
          },
        ]);
        stage = new Stage(cluster(), 'shop', 'orders');
        await release(1);
        controller = await startController(cluster(), folder);
        await stage.until('healthy', ({ phase }) => phase === 'Healthy');
      });
      afterAll(async () => {
        await controller.stop();
        rmSync(folder, { recursive: true, force: true });
      });

      /** Weights of the new version, in each rule of the route that shares. */
      const weights = async (): Promise<readonly (number | undefined)[]> => {
        const metadata = { namespace: 'shop', name: 'edge-shop-orders' };
        const id = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata };
        const { spec } = (await cluster().get<StoredRoute>(id)) ?? { spec: { rules: [] } };
        return spec.rules
          .filter(({ backendRefs }) => backendRefs.length > 1)
          .map(({ backendRefs }) => backendRefs[1]?.weight);
      };

      test.each([
        [5, 1, 2000],
        [50, 3, 4500],
      ])('at %d %% requests of the gateway follow, and those of a caller', async (weight, step, requests) => {
        if (step === 1) await release(2);
        else await stage.say('promote');
        await stage.paused(step);
        expect([await stage.weight(), ...(await weights())]).toEqual([weight, weight, weight]);
        const { status = {} } = await stage.rollout();
        const canary = status.currentPodHash ?? '';
        const shown = certify(HOST);
        const beside = certificatesOf(planned(2), shown);
        const lab = await stage.lab({ shown, beside }, podsOfGateway());
        try {
          for (const path of ['/orders', '/v1/orders'])
            expect(Math.abs((await lab.share(canary, requests, ask(lab, path))) - weight)).toBeLessThanOrEqual(3);
          expect(await lab.share(canary, 100, ask(lab, '/orders', TESTER))).toBe(100);
          const called = await lab.share(canary, requests, () => lab.call(lab.podOf('caller'), 'shop/orders', 8080));
          expect(Math.abs(called - weight)).toBeLessThanOrEqual(3);
        } finally {
          await lab.stop();
        }
      });

      test('the same once more moves nothing, and the rule of testers stays', async () => {
        expect((await release(2)).map(({ outcome }) => outcome)).not.toContain('refused');
        expect(await weights()).toEqual([50, 50]);
      });

      test('what is taken back leaves no request at the new version', async () => {
        await stage.say('abort');
        await cluster().until(async () => (await weights()).every((weight) => weight === 0), {
          what: 'all requests at the old version',
          withinMs: 10_000,
        });
        expect(await stage.weight()).toBe(0);
      });
    },
  );
});

interface StoredRoute extends KubeObject {
  readonly spec: { readonly rules: readonly { readonly backendRefs: readonly { readonly weight?: number }[] }[] };
}
