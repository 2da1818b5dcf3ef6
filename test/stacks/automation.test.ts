import { listEnvironments } from 'ashlar/charts';
import { programOf } from '../../examples/automation/preview';
import { RecordingEngine, UNKNOWN } from '../support/recording-engine';

const engine = new RecordingEngine();
jest.setTimeout(60_000);
beforeAll(() => engine.start());
afterAll(() => engine.stop());

/** Types of what runs a service, in development and elsewhere. */
const WORKLOADS: ReadonlySet<string> = new Set([
  'kubernetes:apps/v1:Deployment',
  'kubernetes:argoproj.io/v1alpha1:Rollout',
]);

test.each(listEnvironments('examples/shop/environments'))(
  'the example previews the shop in %s',
  async (environment) => {
    const { error, registered, outputs } = await engine.run(programOf(environment), { preview: true });
    expect(error).toBeUndefined();
    const names = registered.filter(({ type }) => WORKLOADS.has(type)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['billing/payments', 'ordering/orders']));
    // Where a gateway runs there is a load balancer, whose address is not known before an update.
    const known = expect.objectContaining({ 'ordering/orders': 'orders.ordering.svc:8080' }) as object;
    expect(outputs).toEqual({ endpoints: environment === 'dev' ? known : UNKNOWN });
  },
);
