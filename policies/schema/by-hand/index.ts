/** Types of custom resources that no package brings, by table. All are namespaced. */
import type { RawObject, RawType } from '../raw';
import { ALTINITY, ALTINITY_KEEPER } from './altinity';
import { CERT_MANAGER } from './cert-manager';
import { PERCONA } from './percona';
import { REDIS_OPERATOR } from './redis-operator';

const SPECS: Readonly<Record<string, Readonly<Record<string, RawType>>>> = {
  'redis.redis.opstreelabs.in_v1beta2': REDIS_OPERATOR,
  'cert-manager.io_v1': CERT_MANAGER,
  'clickhouse-keeper.altinity.com_v1': ALTINITY_KEEPER,
  'clickhouse.altinity.com_v1': ALTINITY,
  'psmdb.percona.com_v1': PERCONA,
};

/** What every object has around its spec. */
function objectOf(spec: RawType): RawObject {
  return { f: { apiVersion: 's', kind: 's', metadata: '@meta_v1/ObjectMeta', spec, status: 'a' }, r: ['spec'] };
}

/** Types of kinds by table and kind. */
export const BY_HAND: ReadonlyMap<string, ReadonlyMap<string, RawObject>> = new Map(
  Object.entries(SPECS).map(([table, specs]) => [
    table,
    new Map(Object.entries(specs).map(([kind, spec]) => [kind, objectOf(spec)])),
  ]),
);
