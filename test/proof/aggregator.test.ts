import { Aggregator, BoundedContext, Duration, Microservice, definePlatform } from 'ashlar';
import { meshProof } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import type { Answer } from './support/mesh/talk';
import { meshed } from './support/mesh/plans';

const image = 'registry.example.com/it:1';
const ports = { http: 8080 };

const definition = definePlatform('proof', (platform) => {
  const context = new BoundedContext(platform, 'shop', { team: 'a' });
  const orders = new Microservice(context, 'orders', { image, ports });
  const shipping = new Microservice(context, 'shipping', { image, ports });
  new Aggregator(context, 'page', { image, ports, deadline: Duration.seconds(3) })
    .gathers(orders, { deadline: Duration.seconds(2) })
    .gathers(shipping, { deadline: Duration.millis(200), onFailure: 'omit' });
});

interface Told {
  readonly name: string;
  readonly address: string;
  readonly deadlineMs: number;
  readonly onFailure: string;
}

const plan = meshed(definition);

/** What the program of the aggregator reads. */
function toldBranches(): readonly Told[] {
  const page = plan.objects.find(({ manifest }) => manifest.kind === 'Deployment' && manifest.metadata.name === 'page');
  const spec = page?.manifest['spec'] as {
    template: { spec: { containers: [{ env: readonly { name: string; value: string }[] }] } };
  };
  const { value = '[]' } =
    spec.template.spec.containers[0].env.find(({ name }) => name === 'AGGREGATOR_BRANCHES') ?? {};
  return JSON.parse(value) as readonly Told[];
}

meshProof('an aggregator', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = new Lab(plan);
    await lab.start('shop/page', 'shop/orders', 'shop/shipping');
  });
  afterAll(() => lab.stop());
  beforeEach(() => {
    for (const name of ['orders', 'shipping']) lab.app(`shop/${name}`).delayMs = 0;
  });

  /** Asks as the program does: all branches at once, at the addresses that it is told. */
  const gather = async (): Promise<Readonly<Record<string, Answer>>> => {
    const answers = toldBranches().map(async ({ name, address }) => {
      const [host = '', port] = address.split(':');
      const [service = '', namespace = ''] = host.split('.');
      return [name, await lab.call('shop/page', `${namespace}/${service}`, Number(port))] as const;
    });
    return Object.fromEntries(await Promise.all(answers));
  };

  test('is told each branch: where, how long, and what becomes of the whole when it fails', () => {
    expect(toldBranches()).toEqual([
      { name: 'orders', address: 'orders.shop.svc:8080', deadlineMs: 2000, onFailure: 'fail' },
      { name: 'shipping', address: 'shipping.shop.svc:8080', deadlineMs: 200, onFailure: 'omit' },
    ]);
  });

  test('gets all parts from branches that are in time', async () => {
    const { orders, shipping } = await gather();
    expect([orders?.status, shipping?.status]).toEqual([200, 200]);
  });

  test('has a slow branch cut off at its own deadline, while another that may take longer goes on', async () => {
    for (const name of ['orders', 'shipping']) lab.app(`shop/${name}`).delayMs = 700;
    const { orders, shipping } = await gather();
    expect([orders?.status, shipping?.status]).toEqual([200, 504]);
    expect(shipping?.ms).toBeGreaterThanOrEqual(190);
    expect(shipping?.ms).toBeLessThan(690);
  });

  test('has its answers before its own deadline, however slow its branches are', async () => {
    for (const name of ['orders', 'shipping']) lab.app(`shop/${name}`).delayMs = 2600;
    const start = performance.now();
    const { orders, shipping } = await gather();
    expect([orders?.status, shipping?.status]).toEqual([504, 504]);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
