import { BoundedContext, Duration, Microservice, Migration, PostgresDatabase, Rollout, type Program } from 'ashlar';
import { rolloutPlanOf } from '../support/rollouts';

const image = 'ghcr.io/acme/orders:1.4.2';
const canary = Rollout.canary({ weights: [10], hold: Duration.minutes(5) });

const program =
  (compatible: boolean | undefined, rollout: Rollout | undefined): Program =>
  (shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const database = new PostgresDatabase(context, 'orders-db');
    const props = { image, ports: { http: 8080 } };
    new Microservice(context, 'orders', { ...props, ...(rollout !== undefined && { rollout }) }).owns(database);
    new Migration(context, 'orders-tables', {
      of: database,
      image,
      args: ['up'],
      ...(compatible !== undefined && { compatible }),
    });
  };

const found = (of: Program) =>
  rolloutPlanOf(of).findings.filter(({ code }) => code === 'migration-breaks-release' || code === 'unknown-prop');

test('a migration that the old version does not work with stands in the way of a release in which both run', () => {
  expect(found(program(false, canary))).toMatchObject([
    {
      code: 'migration-breaks-release',
      severity: 'error',
      path: 'shop/ordering/orders',
      got: 'canary, and ordering/orders-tables is not compatible',
    },
  ]);
});

test.each([
  ['one that it works with', program(true, canary)],
  ['one of which nothing is said', program(undefined, canary)],
  ['a service without a release of its own', program(false, undefined)],
])('nothing is wrong with %s', (_, of) => {
  expect(found(of)).toEqual([]);
});
