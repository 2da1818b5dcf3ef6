import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BoundedContext,
  ClickHouseDatabase,
  ElasticsearchIndex,
  Microservice,
  MongoDatabase,
  Size,
  type KubeObject,
  type Plan,
} from 'ashlar';
import type { Construct } from 'constructs';
import { planOf } from '../support/plans';
import { runAlone, type Ran } from '../support/postgres';
import { containerOf } from '../support/store-jobs';

const storage = Size.gibibytes(10);

/** The client that each engine is asked by, and a store of it. */
const ENGINES = [
  ['mongosh', (at: Construct) => new MongoDatabase(at, 'db', { storage })],
  ['curl', (at: Construct) => new ElasticsearchIndex(at, 'db', { storage })],
  ['clickhouse-client', (at: Construct) => new ClickHouseDatabase(at, 'db', { storage })],
] as const;

function planWith(make: (typeof ENGINES)[number][1]): Plan {
  const layers = [
    {
      name: 'environment' as const,
      settings: { storeWaitSeconds: { value: 1, at: 'environments/dev.yaml:3:3' } },
      config: {},
      services: {},
    },
  ];
  return planOf(
    (shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.0.0' }).owns(make(ordering));
    },
    { environment: { layers } },
  );
}

describe.each(ENGINES)('a pod whose store is asked by %s', (client, make) => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ashlar-wait-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Waits as the pod does, beside a client that answers with this exit code. */
  function waits(code: number): Promise<Ran> {
    const file = path.join(folder, client);
    writeFileSync(file, `#!/bin/sh\ncat > /dev/null\nexit ${code}\n`);
    chmodSync(file, 0o755);
    const isOrders = ({ kind, metadata }: KubeObject): boolean => kind === 'Deployment' && metadata.name === 'orders';
    const { command, env } = containerOf(planWith(make), isOrders, 'wait-for-db');
    return runAlone(command, { ...env, PATH: `${folder}:${process.env['PATH'] ?? ''}` });
  }

  test('starts once its account can log in', async () => {
    expect(await waits(0)).toEqual({ code: 0, output: '' });
  });

  test('says what is missing where that takes longer than the environment grants', async () => {
    expect(await waits(1)).toEqual({
      code: 1,
      output: expect.stringContaining('Waited 1 s: db of the namespace ordering does not let this account in.'),
    });
  });
});
