import { workloadsOf } from '../../testing/ends';
import { NetworkPolicies } from '../../testing/network-policies';
import { exampleOf } from '../proof/support/examples';

/** Who may reach the stores of the shop in development, by pods: owners, readers, and apart what keeps a store going. */
const REACHED: Readonly<Record<string, { readonly port: number; readonly by: string[]; readonly control: string[] }>> =
  {
    'billing/payments-db': { port: 5432, by: ['billing/payments'], control: jobs('billing/payments-db') },
    'catalogue/inventory-db': { port: 5432, by: ['catalogue/inventory'], control: jobs('catalogue/inventory-db') },
    'catalogue/catalog-db': {
      port: 27017,
      by: ['catalogue/catalog'],
      control: ['catalogue/catalog-db-dump', 'catalogue/catalog-db-set-up'],
    },
    'catalogue/catalog-cache': { port: 6379, by: ['catalogue/catalog'], control: [] },
    'catalogue/products': { port: 9200, by: ['catalogue/search'], control: ['catalogue/products-set-up'] },
    'fulfilment/parcels': {
      port: 5432,
      by: ['fulfilment/notifications', 'fulfilment/shipping'],
      control: jobs('fulfilment/parcels'),
    },
    'ordering/orders-db': {
      port: 5432,
      by: ['ordering/orders', 'ordering/orders-tables', 'ordering/report-orders'],
      control: jobs('ordering/orders-db'),
    },
    'ordering/small': { port: 5432, by: ['ordering/audits', 'ordering/returns'], control: jobs('ordering/small') },
    'ordering/events': {
      port: 8123,
      by: ['ordering/insights'],
      control: ['ordering/events-backup', 'ordering/events-set-up'],
    },
  };

function jobs(store: string): string[] {
  return [`${store}-access`, `${store}-backup`];
}

const { plan } = exampleOf('shop', 'dev');
const workloads = workloadsOf(plan);
const policies = new NetworkPolicies(plan.objects.map(({ manifest }) => manifest));

test.each(Object.entries(REACHED))(
  '%s is reached by its own, and by what keeps it going',
  (name, { port, by, control }) => {
    const store = workloads.find((one) => one.name === name);
    const callers = workloads.filter(
      (one) => one.name !== name && policies.allow({ from: one, to: store!, port, protocol: 'TCP' }),
    );
    expect([...new Set(callers.map((one) => one.name))].sort()).toEqual([...by, ...control].sort());
  },
);

test('no store of the shop is left out', () => {
  const stateful = workloads.filter(({ kind }) => kind === 'StatefulSet').map(({ name }) => name);
  expect(Object.keys(REACHED)).toEqual(expect.arrayContaining(stateful));
});
