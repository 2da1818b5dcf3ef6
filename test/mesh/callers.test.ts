import {
  ApiGateway,
  BackendForFrontend,
  BoundedContext,
  CircuitBreaker,
  Duration,
  Failover,
  Microservice,
  Percent,
  Phase,
  Rollout,
  StranglerFig,
  Verify,
  type Plan,
} from 'ashlar';
import { HOST, image, open, timeout } from '../support/gateways';
import { codesOf } from '../support/plans';
import { rolloutPlanOf, type RolloutChoice } from '../support/rollouts';

interface Made {
  readonly context: BoundedContext;
  readonly edge: ApiGateway;
}

/** The plan of a context with a gateway, where somebody performs releases. */
function releasing(say: (made: Made) => void, choice: RolloutChoice = {}): Plan {
  return rolloutPlanOf(
    (shop) => {
      const context = new BoundedContext(shop, 'shop', { team: 'a' });
      say({ context, edge: new ApiGateway(context, 'edge', { hosts: [HOST] }) });
    },
    { gateway: 'istio', ...choice },
  );
}

const ports = { http: 8080 };
const job = Verify.job({ image });
const verified = { image, ports, rollout: Rollout.blueGreen({ verify: job }) };

/** Whoever stands by for a callee of its own. */
function keepReady(context: BoundedContext, standby: Microservice): void {
  const rates = new Microservice(context, 'rates', { image, ports });
  const circuitBreaker = CircuitBreaker.consecutiveErrors(3, { maxEjected: Percent.of(100) });
  new Microservice(context, 'web', { image }).calls(rates, {
    timeout,
    circuitBreaker,
    failover: Failover.to(standby).whenUnhealthy(),
  });
}

describe('a run that tests a version', () => {
  test('does not make a backend for a frontend one that is called inside', () => {
    const mobile = ({ context, edge }: Made): Microservice =>
      new BackendForFrontend(context, 'mobile', { client: 'mobile', gateway: edge, path: '/', ...open, ...verified });
    expect(codesOf(releasing(mobile))).toEqual([]);
    const plan = releasing((made) => {
      new Microservice(made.context, 'web', { image }).calls(mobile(made), { timeout });
    });
    expect(codesOf(plan)).toEqual(['frontend-called']);
    expect(codesOf(releasing((made) => keepReady(made.context, mobile(made))))).toEqual(['frontend-called']);
  });

  test('does not keep what is decommissioned, and a standby does', () => {
    const decommission = ({ context, edge }: Made): Microservice => {
      const legacy = new Microservice(context, 'legacy', verified);
      const orders = new Microservice(context, 'orders', { image, ports });
      new StranglerFig(context, 'fig', { gateway: edge, legacy, ...open }).moves(
        '/orders',
        orders,
        Phase.decommissioned(),
      );
      return legacy;
    };
    expect(codesOf(releasing(decommission))).toEqual([]);
    const plan = releasing((made) => keepReady(made.context, decommission(made)));
    expect(codesOf(plan)).toEqual(['legacy-in-use']);
  });

  test('measures nothing, and neither does a way that nobody goes yet', () => {
    const measured = (say: (made: Made, orders: Microservice) => void): readonly string[] => {
      const verify = Verify.successRate(Percent.of(99)).job({ image });
      const plan = releasing((made) => {
        const rollout = Rollout.canary({ weights: [10], verify });
        say(made, new Microservice(made.context, 'orders', { image, ports, rollout }));
      });
      return codesOf(plan);
    };
    expect(measured(() => undefined)).toEqual(['verification-without-metrics']);
    expect(measured(({ context }, orders) => keepReady(context, orders))).toEqual(['verification-without-metrics']);
    expect(measured(({ edge }, orders) => edge.route('/', orders, open))).toEqual([]);
    const calling = ({ context }: Made, orders: Microservice): void => {
      new Microservice(context, 'web', { image }).calls(orders, { timeout });
    };
    expect(measured(calling)).toEqual([]);
  });

  test('is no caller that passes the weights of a gateway by', () => {
    const rollout = Rollout.canary({ weights: [10], verify: job });
    const plan = releasing(
      ({ context, edge }) => edge.route('/', new Microservice(context, 'orders', { image, ports, rollout }), open),
      { mesh: 'none', gateway: 'gateway-api' },
    );
    expect(codesOf(plan)).toEqual([]);
  });
});

test('where all callers share their settings, a test and a gateway have none', () => {
  const plan = releasing(
    ({ context, edge }) => {
      const orders = new Microservice(context, 'orders', verified);
      new Microservice(context, 'web', { image }).calls(orders, { timeout: Duration.seconds(1) });
      edge.route('/', orders, open);
    },
    { mesh: 'istio-ambient' },
  );
  expect(codesOf(plan)).toEqual([]);
});

test('a share of another path keeps what is decommissioned', () => {
  const plan = releasing(({ context, edge }) => {
    const service = (id: string) => new Microservice(context, id, { image, ports });
    const [legacy, orders, oldest] = [service('legacy'), service('orders'), service('oldest')];
    new StranglerFig(context, 'fig', { gateway: edge, legacy, ...open }).moves(
      '/orders',
      orders,
      Phase.decommissioned(),
    );
    new StranglerFig(context, 'earlier', { gateway: edge, legacy: oldest, ...open }).moves(
      '/bills',
      legacy,
      Phase.weighted(Percent.of(50)),
    );
  });
  expect(plan.findings).toMatchObject([
    { code: 'legacy-in-use', got: expect.stringMatching(/^the route \/bills of shop\/shop\/edge at /) },
  ]);
});
