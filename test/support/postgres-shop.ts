import {
  Backup,
  BoundedContext,
  Microservice,
  PostgresDatabase,
  PostgresServer,
  accept,
  type Environment,
  type Plan,
  type PostgresProps,
  type Tier,
} from 'ashlar';
import { planOf } from './plans';

const image = 'ghcr.io/acme/service:1.0.0';

/** What may be different from the shop as it is. */
export interface ShopOptions {
  readonly tier?: Tier;
  readonly generation?: number;
  readonly props?: PostgresProps;
  readonly environment?: Partial<Environment>;
  /** Leaves the reader out. */
  readonly withoutReader?: boolean;
}

/**
 * Every way of keeping data apart, in one context: `orders` has a server, `returns` and `stock` have schemas of another,
 * `audits` and `invoices` tables of it; `reports` reads of each.
 */
export function postgresShop(options: ShopOptions = {}): Plan {
  const { tier = 'development', generation = 1, props = {}, environment = {}, withoutReader = false } = options;
  const layers = [
    {
      name: 'environment' as const,
      settings: { credentialGeneration: { value: generation, at: 'environments/dev.yaml:3:3' } },
      config: {},
      services: {},
    },
  ];
  return planOf(
    (shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      const service = (id: string): Microservice => {
        const made = new Microservice(ordering, id, { image });
        accept(made, 'single-replica', 'It is not what is tested.');
        return made;
      };
      const ordersDb = new PostgresDatabase(ordering, 'orders-db', { extensions: ['citext'], ...props });
      const small = new PostgresServer(ordering, 'small', { backup: Backup.daily(), ...props });
      const stores = [
        ['orders', ordersDb],
        ['returns', small.schema('returns')],
        ['stock', small.schema('stock')],
        ['audits', small.tables('audits', ['audit_*'])],
        ['invoices', small.tables('invoices', ['invoice', 'invoice_*'])],
      ] as const;
      for (const [name, store] of stores) service(name).owns(store);
      if (withoutReader) return;
      const reports = service('reports');
      for (const [name, store] of stores) reports.reads(store, { env: { [`${name.toUpperCase()}_URL`]: 'url' } });
    },
    { tier, environment: { layers, ...environment } },
  );
}
