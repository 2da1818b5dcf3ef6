import {
  BoundedContext,
  Microservice,
  declare,
  derive,
  isAshlarError,
  relate,
  relation,
  type Extension,
  type IEndpoint,
  type IWorkload,
  type Platform,
} from 'ashlar';
import { Platform as FreshPlatform } from '../../constructs/model/component';
import { codesOf, planOf } from '../support/plans';

const image = 'ghcr.io/acme/app:1.0.0';

function shopOf(platform: Platform) {
  const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
  const payments = new Microservice(context, 'payments', { image, ports: { grpc: 9090, http: 8080 } });
  const orders = new Microservice(context, 'orders', { image, ports: { http: 8080 } });
  return { context, orders, payments };
}

function findingOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (isAshlarError(error)) return error.findings[0];
    throw error;
  }
  return undefined;
}

const codeOf = (act: () => unknown): string | undefined => findingOf(act)?.code;

test('the same relation said twice is one relation', () => {
  const plan = planOf((platform) => {
    const { orders, payments } = shopOf(platform);
    orders.calls(payments, { port: 'grpc', env: 'PAYMENTS' });
    orders.calls(payments, { port: 'grpc', env: 'PAYMENTS' });
  });
  expect(codesOf(plan)).toEqual([]);
  expect(plan.counts.calls).toBe(1);
});

test('relations to two ports of one peer are two relations', () => {
  const plan = planOf((platform) => {
    const { orders, payments } = shopOf(platform);
    orders.calls(payments, { port: 'grpc', env: 'PAYMENTS' }).calls(payments, { port: 'http', env: 'PAYMENTS_HTTP' });
  });
  expect(codesOf(plan)).toEqual([]);
  expect(plan.counts.calls).toBe(2);
});

test('the same key with different facts is a finding that names both places, in any order of statements', () => {
  const said = [{ env: 'A' }, { env: 'B' }].map((first, index, both) => {
    return planOf((platform) => {
      const { orders, payments } = shopOf(platform);
      orders.calls(payments, { port: 'grpc', ...first });
      orders.calls(payments, { port: 'grpc', ...both[1 - index] });
    }).findings;
  });
  for (const findings of said) {
    expect(findings).toMatchObject([
      { code: 'said-twice-differently', severity: 'error', path: 'shop/ordering/orders' },
    ]);
    expect(findings[0]?.got).toMatch(/relations\.test\.ts:\d+:\d+.*relations\.test\.ts:\d+:\d+/);
    expect(findings[0]?.got).toContain('"A"');
    expect(findings[0]?.got).toContain('"B"');
  }
});

describe('after the plan was made', () => {
  let orders: Microservice;
  let payments: Microservice;
  let context: BoundedContext;

  beforeEach(() => {
    planOf((platform) => void ({ orders, payments, context } = shopOf(platform)));
  });

  test('a relation is refused, with the construct and the relation', () => {
    expect(findingOf(() => orders.calls(payments))).toMatchObject({
      code: 'platform-sealed',
      path: 'shop/ordering/orders',
      got: 'orders.calls(payments)',
    });
  });

  test('a new construct is refused', () => {
    expect(codeOf(() => new Microservice(context, 'late', { image }))).toBe('platform-sealed');
  });

  test('a new service over a workload is refused', () => {
    expect(codeOf(() => orders.addService('late'))).toBe('platform-sealed');
  });
});

test('a relation that is said while objects are derived is refused', () => {
  let orders: Microservice;
  let payments: Microservice;
  const late: Extension = {
    name: 'late',
    pieces: [
      derive('late', () => {
        orders.calls(payments);
        return [];
      }),
    ],
  };
  const act = (): unknown =>
    planOf((platform) => void ({ orders, payments } = shopOf(platform)), { extensions: [late] });
  expect(codeOf(act)).toBe('platform-sealed');
});

test('a construct outside a platform is refused', () => {
  const Likes = relation<IWorkload, IEndpoint, object>('likes', () => '');
  const { RootConstruct, Construct } = jest.requireActual<typeof import('constructs')>('constructs');
  const stranger = new Construct(new RootConstruct('elsewhere'), 'stranger') as unknown as IWorkload & IEndpoint;
  expect(codeOf(() => relate(Likes, stranger, stranger, {}))).toBe('outside-a-platform');
  expect(codeOf(() => declare(stranger, { id: 'a' }, {}))).toBe('outside-a-platform');
});

test('a relation into another platform is refused and names both ends', () => {
  const { payments } = shopOf(new FreshPlatform('other'));
  const act = () => planOf((platform) => void shopOf(platform).orders.calls(payments, { port: 'grpc' }));
  expect(findingOf(act)).toMatchObject({
    code: 'outside-a-platform',
    path: 'shop/ordering/orders',
    message: expect.stringContaining('orders.calls(payments)') as string,
    got: 'other/ordering/payments',
  });
});
