import type { KubeObject, Plan } from 'ashlar';
import { BoundedContext, Cpu, Microservice, Percent, Scale, Size, type Resources } from 'ashlar';
import { proof } from 'ashlar/testing/cluster';
import { objectOf, planOf } from '../support/plans';
import { deployment } from './support/pods';

const resources: Resources = {
  cpu: { request: Cpu.millis(100), limit: Cpu.millis(500) },
  memory: { request: Size.mebibytes(100), limit: Size.mebibytes(200) },
};

/** A service that follows the load, in a namespace of its own. */
function planWith(namespace: string, scale: Scale): Plan {
  return planOf((shop) => {
    const context = new BoundedContext(shop, namespace, { team: 'orders' });
    const image = 'ghcr.io/acme/orders:1.0.0';
    new Microservice(context, 'orders', { image, ports: { http: 8080 }, scale, resources });
  });
}

interface Scaled extends KubeObject {
  readonly spec: { readonly replicas: number };
  readonly status: { readonly availableReplicas?: number };
}

proof('autoscaling', (cluster) => {
  const stored = async (namespace: string): Promise<Scaled> =>
    (await cluster().get<Scaled>(deployment(namespace, 'orders')))!;

  const pods = (namespace: string, wanted: number): Promise<true> =>
    cluster().until(
      async () => {
        const { spec, status } = await stored(namespace);
        if (spec.replicas === wanted && status.availableReplicas === wanted) return true;
        throw new Error(`${spec.replicas} wanted, ${status.availableReplicas ?? 0} available`);
      },
      { what: `${wanted} pods in ${namespace}` },
    );

  /** Looks at a Deployment again and again, until it is stopped; says the smallest number of pods that it wanted. */
  function watchFewest(namespace: string): { stop(): Promise<number> } {
    let fewest = Infinity;
    let goesOn = true;
    const watching = (async () => {
      while (goesOn) fewest = Math.min(fewest, (await stored(namespace)).spec.replicas);
      return fewest;
    })();
    return {
      stop: () => {
        goesOn = false;
        return watching;
      },
    };
  }

  /** Asks the scaler until it has seen the usage that was said last. */
  const measured = (namespace: string, percent: number): Promise<true> =>
    cluster().until(
      async () => {
        const { status } = (await cluster().get<Scaler>({
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          metadata: { namespace, name: 'orders' },
        }))!;
        const [metric] = status.currentMetrics ?? [];
        if (metric?.resource?.current.averageUtilization === percent) return true;
        throw new Error(JSON.stringify(metric));
      },
      { what: `${percent} % in ${namespace}` },
    );

  test('follows the use of CPU: 2 pods at 105 % of 70 % are 3', async () => {
    const plan = planWith('by-cpu', Scale.between(2, 5));
    cluster().use({ namespace: 'by-cpu' }, { cpu: '70m' });
    await cluster().apply(plan);
    await pods('by-cpu', 2);
    await measured('by-cpu', 70);
    await pods('by-cpu', 2);
    cluster().use({ namespace: 'by-cpu' }, { cpu: '105m' });
    await pods('by-cpu', 3);
    cluster().use({ namespace: 'by-cpu' }, { cpu: '70m' });
    await measured('by-cpu', 70);
  });

  test('is not fought by a second apply, nor by another release', async () => {
    const plan = planWith('by-cpu', Scale.between(2, 5));
    const scaled = (await stored('by-cpu')).spec.replicas;
    const { uid } = (await stored('by-cpu')).metadata as { uid?: string };
    expect(scaled).toBeGreaterThan(2);
    const again = await cluster().apply(plan);
    expect(again.filter(({ outcome }) => outcome !== 'unchanged')).toEqual([]);
    const next = structuredClone(objectOf(plan, 'Deployment/by-cpu/orders'));
    next['spec'].template.spec.containers[0].image = 'ghcr.io/acme/orders:2.0.0';
    await cluster().apply([next]);
    expect(await stored('by-cpu')).toMatchObject({ metadata: { uid }, spec: { replicas: scaled } });
  });

  test('would be fought by a manifest that says the number, without a word', async () => {
    const naive = structuredClone(objectOf(planWith('by-cpu', Scale.between(2, 5)), 'Deployment/by-cpu/orders'));
    naive['spec'].replicas = 2;
    // What a scaler writes through the subresource has no field manager, so there is no conflict (Kubernetes 1.36).
    expect(await cluster().applyObject(naive)).toMatchObject({ accepted: true, object: { spec: { replicas: 2 } } });
  });

  test('goes to the largest scale and no further', async () => {
    await cluster().apply(planWith('to-most', Scale.between(2, 4)));
    cluster().use({ namespace: 'to-most' }, { cpu: '500m' });
    await pods('to-most', 4);
    await measured('to-most', 500);
    await pods('to-most', 4);
  });

  test.each([
    ['falls to one pod for a moment', 'sudden', false, 1],
    ['keeps its pods where their number is handed over first', 'handed-over', true, 3],
  ])('that begins later: a service %s', async (_, namespace, handOver, expected) => {
    cluster().use({ namespace }, { cpu: '70m' });
    await cluster().apply(planWith(namespace, Scale.fixed(3)));
    if (handOver) {
      // A field that its manager leaves out is set to its default, unless it has another manager, too.
      const { apiVersion, kind, metadata } = deployment(namespace, 'orders');
      await cluster()
        .as({ manager: 'hand-over' })
        .applyObject({ apiVersion, kind, metadata: { ...metadata, namespace }, spec: { replicas: 3 } });
    }
    const fewest = watchFewest(namespace);
    await cluster().apply(planWith(namespace, Scale.between(3, 5)));
    await measured(namespace, 70);
    expect(await fewest.stop()).toBe(expected);
    await pods(namespace, 3);
  });

  test('follows the use of memory', async () => {
    await cluster().apply(planWith('by-memory', Scale.between(1, 3).onMemory(Percent.of(50))));
    cluster().use({ namespace: 'by-memory' }, { memory: '100Mi' });
    await pods('by-memory', 2);
  });
});

interface Scaler {
  readonly status: {
    readonly currentMetrics?: readonly {
      readonly resource?: { readonly current: { readonly averageUtilization?: number } };
    }[];
  };
}
