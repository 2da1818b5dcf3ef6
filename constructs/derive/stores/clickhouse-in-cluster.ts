import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import type { Build } from '../../model/extension';
import { declare } from '../../model/recorder';
import type { ContainerPart, HealthFacts } from '../pod';
import { selectorOf } from '../pod-template';
import {
  CLICKHOUSE_ADMIN,
  CLICKHOUSE_IMAGE,
  CLICKHOUSE_USER,
  ClickHouseNeed,
  METRICS_PORT,
  PLAIN,
  declareClickHouse,
  memorySettings,
  type ClickHouseBackEnd,
  type ClickHouseFacts,
} from './clickhouse';
import { tendClickHouse } from './clickhouse-jobs';
import { textOption } from './external';
import { DumpClaim, ForDevelopment, dumpClaimOf, runServer, scratch, serverResources, tcpPort } from './in-cluster';
import { OwnSecrets, adminSecretOf, fromSecret, madeAccount } from './own-secrets';
import { ServerFiles, fileMounts } from './server-files';

/** One pod in the cluster, without an operator. */
export const inClusterClickHouse = backEnd(
  ClickHouseNeed,
  'in-cluster',
  {
    type: 'object',
    properties: { image: { type: 'string', description: 'Image of ClickHouse, with its client.' } },
    additionalProperties: false,
  },
  (options): ClickHouseBackEnd => ({
    realize: (construct, facts, build) =>
      runInCluster(construct, facts, build, textOption(options, 'image', CLICKHOUSE_IMAGE)),
    problems: () => [],
  }),
);

/** Where backups are kept. */
const BACKUPS = '/backups';

function runInCluster(construct: Construct, facts: Readonly<ClickHouseFacts>, build: Build, image: string): void {
  const { name, namespace, storage, backup } = facts;
  const address = {
    host: `${name}.${namespace}.svc`,
    ...PLAIN,
    reach: { pods: { namespace, labels: selectorOf(name) } },
    tls: false,
  };
  declareClickHouse(construct, facts, address, image);
  declare(construct, ForDevelopment, {
    need: ClickHouseNeed.id,
    lacks: 'one pod, no TLS',
    others: ['altinity', 'external'],
  });
  declare(construct, OwnSecrets, {
    namespace,
    secrets: [madeAccount(namespace, adminSecretOf(name), CLICKHOUSE_ADMIN)],
  });
  if (backup !== undefined) declare(construct, DumpClaim, { name, namespace, storage });
  runNode(construct, facts, image);
  tendClickHouse(build, construct, facts, { address, image, target: `File('${BACKUPS}/%s')` });
}

const CONFIGURATION = '/etc/clickhouse-server';

function runNode(construct: Construct, facts: ClickHouseFacts, image: string): void {
  const { name, namespace, storage, backup } = facts;
  const files = { server: name, namespace, files: { 'server.xml': serverXml(facts), 'users.xml': USERS_XML } };
  const claim = { persistentVolumeClaim: { claimName: dumpClaimOf({ name, namespace }) } };
  const kept = { name: 'backups', source: claim, mounts: [{ path: BACKUPS }, { path: BACKUPS, container: 'janitor' }] };
  declare(construct, ServerFiles, files);
  runServer(construct, {
    name,
    namespace,
    storage,
    dataPath: '/var/lib/clickhouse',
    user: CLICKHOUSE_USER,
    ports: [tcpPort('http', PLAIN.http), tcpPort('native', PLAIN.native), tcpPort('metrics', METRICS_PORT)],
    env: [fromSecret('ADMIN_PASSWORD', adminSecretOf(name), 'password')],
    volumes: [
      scratch('tmp', '/tmp'),
      scratch('logs', '/var/log/clickhouse-server'),
      fileMounts(files, {
        'server.xml': `${CONFIGURATION}/config.d/zz-ashlar.xml`,
        'users.xml': `${CONFIGURATION}/users.d/zz-ashlar.xml`,
      }),
      ...(backup === undefined ? [] : [kept]),
    ],
    beside: backup === undefined ? [] : [janitor(image, backup.keepDays)],
    container: {
      image,
      // Without the image's own start, which writes beside its configuration.
      command: ['clickhouse-server', `--config-file=${CONFIGURATION}/config.xml`],
      health: HEALTH,
      resources: serverResources(facts),
    },
  });
}

/** It answers without an account (ClickHouse 25.8, "HTTP interface"). */
const PING = { httpGet: { path: '/ping', port: PLAIN.http } };

const HEALTH: HealthFacts = {
  startup: { ...PING, periodSeconds: 5, failureThreshold: 60 },
  readiness: { ...PING, periodSeconds: 5 },
  liveness: { ...PING, periodSeconds: 10, failureThreshold: 6 },
};

/** ClickHouse deletes no backups, and only pods of its node can mount its claim: so one beside it does. */
function janitor(image: string, keepDays: number): ContainerPart {
  const old = `find ${BACKUPS} -mindepth 1 -maxdepth 1 -mtime +${keepDays}`;
  const command = ['/bin/bash', '-c', `while true; do ${old} -print -exec rm -r {} +; sleep 3600; done`];
  const resources = { requests: { cpu: '5m', memory: '16Mi' }, limits: { memory: '64Mi' } };
  return {
    name: 'janitor',
    role: 'sidecar',
    container: { name: 'janitor', image, command, ports: [], resources },
    env: [],
  };
}

/** Of the server (ClickHouse 25.8, "Configuration files"): it replaces what the image says. */
function serverXml({ memoryBytes, backup }: ClickHouseFacts): string {
  const memory = Object.entries(memorySettings(memoryBytes)).map(([name, value]) => `  <${name}>${value}</${name}>\n`);
  const backups = backup === undefined ? '' : `  <backups><allowed_path>${BACKUPS}/</allowed_path></backups>\n`;
  return `<clickhouse>
  <logger><level>information</level><console>1</console><log remove="1"/><errorlog remove="1"/></logger>
  <listen_host>0.0.0.0</listen_host>
${memory.join('')}${backups}  <prometheus>
    <endpoint>/metrics</endpoint>
    <port>${METRICS_PORT}</port>
    <metrics>true</metrics>
    <events>true</events>
    <asynchronous_metrics>true</asynchronous_metrics>
  </prometheus>
</clickhouse>
`;
}

/** The administrator's account alone; the others are made by statements. The one without a password goes. */
const USERS_XML = `<clickhouse>
  <users>
    <default remove="1"/>
    <${CLICKHOUSE_ADMIN}>
      <password from_env="ADMIN_PASSWORD"/>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <access_management>1</access_management>
      <named_collection_control>1</named_collection_control>
    </${CLICKHOUSE_ADMIN}>
  </users>
</clickhouse>
`;
