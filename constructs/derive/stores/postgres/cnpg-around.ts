import { contribute, prerequisite, type NeededBy } from '../../../model/extension';
import type { Part } from '../../../model/facet';
import type { Reach } from '../../endpoint';
import { CERT_MANAGER } from '../../cert-manager';
import { SecretKeys, type SecretKeyPart } from '../../secrets';
import { TrafficIn, TrafficOut, type TrafficPart } from '../../traffic';
import { allAccess } from '../accounts';
import { serverOf } from '../connection';
import { wayTo } from '../operated';
import { CLUSTER_LABEL, CnpgCluster, authorityOf, poolerOf, type CnpgFacts } from './cloudnative-pg';
import { POSTGRES_PORT } from './server';

type Facts = Readonly<CnpgFacts>;

/** Port on which instances tell the operator, and each other, how they are (CloudNativePG 1.29, "Networking"). */
const STATUS_PORT = 8000;

/** What the operator and the copies of a server say to each other. */
export const cnpgTraffic = [
  contribute('postgres.cloudnative-pg.in', TrafficIn, function* (graph): Iterable<Part<TrafficPart>> {
    for (const { construct: to, facts } of graph.having(CnpgCluster)) {
      const source = { by: 'postgres.cloudnative-pg', at: to.node.path };
      for (const [peer, port] of admitted(facts)) yield { to, source, part: control(peer, port) };
    }
  }),
  contribute('postgres.cloudnative-pg.out', TrafficOut, function* (graph): Iterable<Part<TrafficPart>> {
    const { cidrs, port } = graph.environment.apiServer;
    for (const { construct, facts } of graph.having(CnpgCluster)) {
      const source = { by: 'postgres.cloudnative-pg', at: construct.node.path };
      const copies = copiesOf(facts);
      const server: Reach = { cidrs, except: [] };
      const flows = [...targetOf(facts), [copies, POSTGRES_PORT], [copies, STATUS_PORT], [server, port]] as const;
      for (const [peer, number] of flows) yield { to: construct, source, part: control(peer, number) };
      const pool = poolerOf(construct);
      if (pool === undefined) continue;
      yield { to: pool, source, part: control(copies, POSTGRES_PORT) };
      yield { to: pool, source, part: control(server, port) };
    }
  }),
];

const control = (peer: Reach, port: number): TrafficPart => ({ peer, port, transport: 'TCP', purpose: 'control' });

function copiesOf({ server: { name, namespace } }: Facts): Reach {
  return { pods: { namespace, labels: { [CLUSTER_LABEL]: name } } };
}

function admitted(facts: Facts): readonly (readonly [Reach, number])[] {
  const labels = { 'app.kubernetes.io/name': 'cloudnative-pg' };
  const operator: Reach = { pods: { namespace: facts.options.operatorNamespace, labels } };
  const copies = copiesOf(facts);
  return [operator, copies].flatMap((peer) => [[peer, POSTGRES_PORT] as const, [peer, STATUS_PORT] as const]);
}

/** Where log and backups go. */
function targetOf({ server, options }: Facts): readonly (readonly [Reach, number])[] {
  if (server.backup === undefined || options.backups === undefined) return [];
  const { peer, port } = wayTo(options.backups);
  return [[peer, port]];
}

/** The authority where it is asked for elsewhere. */
export const cnpgSecrets = contribute('postgres.cloudnative-pg.secrets', SecretKeys, function* (graph): Iterable<
  Part<SecretKeyPart>
> {
  for (const { store, facts, holder } of graph.view(allAccess)) {
    const cluster = graph.facts(serverOf(graph, store), CnpgCluster);
    if (cluster === undefined || holder.namespace === facts.namespace) continue;
    const { secret: name } = authorityOf(cluster.server.name);
    const value = { known: `${facts.namespace}/${name}/ca.crt` };
    const part: SecretKeyPart = { namespace: holder.namespace, name, kind: 'Opaque', key: 'ca.crt', value };
    yield { to: holder.construct, source: holder.source, part };
  }
});

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
