import { prerequisite, type NeededBy } from '../../../model/extension';
import { CERT_MANAGER } from '../../cert-manager';
import { CnpgCluster } from './cloudnative-pg';

/** The operator, and what its plugin needs. */
export const cnpgPrerequisites = prerequisite('postgres.cloudnative-pg', function* (graph): Iterable<NeededBy> {
  for (const { construct: at, facts } of graph.having(CnpgCluster)) {
    const { operatorNamespace: namespace, backups } = facts.options;
    const repository = 'https://cloudnative-pg.github.io/charts';
    yield {
      at,
      needs: {
        type: 'release',
        name: 'cloudnative-pg',
        namespace,
        chart: { repository, name: 'cloudnative-pg', version: '0.28.0' },
        version: '1.29.0',
        groups: ['postgresql.cnpg.io'],
        // Clusters are elsewhere than the operator.
        values: { config: { clusterWide: true } },
      },
    };
    if (facts.server.backup === undefined || backups === undefined) continue;
    yield {
      at,
      needs: {
        type: 'release',
        name: 'plugin-barman-cloud',
        namespace,
        chart: { repository, name: 'plugin-barman-cloud', version: '0.7.0' },
        version: '0.13.0',
        groups: ['barmancloud.cnpg.io'],
      },
    };
    yield { at, needs: CERT_MANAGER };
  }
});
