/**
 * The fields of Altinity's operator for ClickHouse 0.25.6 that Ashlar writes (clickhouse.altinity.com/v1 and
 * clickhouse-keeper.altinity.com/v1). There is no type package for it. Source: the operator's `deploy/operator/parts/crd.yaml`;
 * its settings, users and pods are open there, and pods are checked by Kubernetes' own types here.
 */
import type { RawObject, RawType } from '../raw';

const TEMPLATES: RawObject = {
  f: {
    podTemplates: [
      '[]',
      {
        f: {
          name: 's',
          generateName: 's',
          metadata: { f: { labels: ['{}', 's'], annotations: ['{}', 's'] } },
          zone: { f: { key: 's', values: ['[]', 's'] } },
          podDistribution: [
            '[]',
            {
              f: {
                type: [
                  '|',
                  'ClickHouseAntiAffinity',
                  'ShardAntiAffinity',
                  'ReplicaAntiAffinity',
                  'ClusterAffinity',
                  'ShardAffinity',
                  'ReplicaAffinity',
                ],
                scope: 's',
                topologyKey: 's',
                number: ['&', 'l', { minimum: 0, maximum: 65535 }],
              },
              r: ['type'],
            },
          ],
          spec: '@core_v1/PodSpec',
        },
        r: ['name'],
      },
    ],
    volumeClaimTemplates: [
      '[]',
      {
        f: {
          name: 's',
          reclaimPolicy: ['|', 'Retain', 'Delete'],
          metadata: { f: { labels: ['{}', 's'], annotations: ['{}', 's'] } },
          spec: '@core_v1/PersistentVolumeClaimSpec',
        },
        r: ['name', 'spec'],
      },
    ],
  },
};

const DEFAULTS: RawObject = { f: { templates: { f: { podTemplate: 's', dataVolumeClaimTemplate: 's' } } } };

const CLUSTER: RawObject = {
  f: {
    name: ['&', 's', { minLength: 1, maxLength: 15, pattern: '^[a-zA-Z0-9-]{0,15}$' }],
    layout: { f: { shardsCount: 'l', replicasCount: 'l' } },
    secret: { f: { auto: ['|', 'true', 'false'] } },
    pdbMaxUnavailable: ['&', 'l', { minimum: 0, maximum: 65535 }],
  },
  r: ['name'],
};

const INSTALLATION: RawObject = {
  f: {
    defaults: DEFAULTS,
    configuration: {
      f: {
        users: 'o',
        profiles: 'o',
        quotas: 'o',
        settings: 'o',
        files: 'o',
        clusters: ['[]', CLUSTER],
        zookeeper: {
          f: {
            nodes: [
              '[]',
              { f: { host: 's', port: ['&', 'l', { minimum: 0, maximum: 65535 }], secure: 's' }, r: ['host'] },
            ],
          },
        },
      },
    },
    templates: TEMPLATES,
  },
};

const KEEPER: RawObject = {
  f: {
    defaults: DEFAULTS,
    configuration: { f: { settings: 'o', files: 'o', clusters: ['[]', CLUSTER] } },
    templates: TEMPLATES,
  },
};

/** Kinds by name. */
export const ALTINITY: Readonly<Record<string, RawType>> = { ClickHouseInstallation: INSTALLATION };

/** Kinds of Keeper by name. */
export const ALTINITY_KEEPER: Readonly<Record<string, RawType>> = { ClickHouseKeeperInstallation: KEEPER };
