import type { Construct } from 'constructs';
import { backEnd } from '../../model/back-end';
import type { Build } from '../../model/extension';
import { declare } from '../../model/recorder';
import type { ContainerPart } from '../pod';
import { selectorOf } from '../pod-template';
import {
  ELASTIC_EXPORTER_IMAGE,
  ELASTIC_IMAGE,
  ELASTIC_PORT,
  ElasticNeed,
  declareElastic,
  javaOptions,
  type ElasticAddress,
  type ElasticBackEnd,
  type ElasticFacts,
} from './elastic';
import { setUpElastic } from './elastic-set-up';
import { textOption } from './external';
import {
  DumpClaim,
  EXPORTER_RESOURCES,
  ForDevelopment,
  SMALL,
  dumpClaimOf,
  portHealth,
  runServer,
  scratch,
  serverResources,
  tcpPort,
} from './in-cluster';
import { OwnSecrets, adminSecretOf, exporterSecretOf, fromSecret, madeAccount } from './own-secrets';

/** One pod in the cluster, without an operator. */
export const inClusterElastic = backEnd(
  ElasticNeed,
  'in-cluster',
  {
    type: 'object',
    properties: {
      image: { type: 'string', description: 'Image of Elasticsearch.' },
      exporterImage: { type: 'string', description: 'Image of the exporter of metrics.' },
    },
    additionalProperties: false,
  },
  (options): ElasticBackEnd => {
    const image = textOption(options, 'image', ELASTIC_IMAGE);
    const exporterImage = textOption(options, 'exporterImage', ELASTIC_EXPORTER_IMAGE);
    const address = ({ name, namespace }: Readonly<ElasticFacts>): ElasticAddress => ({
      host: `${name}.${namespace}.svc`,
      port: ELASTIC_PORT,
      reach: { pods: { namespace, labels: selectorOf(name) } },
      tls: false,
      image,
    });
    return {
      address: (_, facts) => address(facts),
      realize: (construct, facts, build) => {
        declareElastic(construct, facts, address(facts));
        runInCluster(construct, facts, build, { image, exporterImage });
      },
      problems: () => [],
    };
  },
);

interface Images {
  readonly image: string;
  readonly exporterImage: string;
}

/** User of the image; its files belong to group 0, of which it is a member. */
const ELASTIC_USER = 1000;

/** The account that is there from the start. */
const SUPERUSER = 'elastic';

/** Port that is open as long as the node is in its cluster (Elasticsearch 9.4, `readiness.port`). */
const READINESS_PORT = 8080;

const HOME = '/usr/share/elasticsearch';

/** Where snapshots are kept. */
const SNAPSHOTS = '/snapshots';

function runInCluster(construct: Construct, facts: Readonly<ElasticFacts>, build: Build, images: Images): void {
  const { name, namespace, storage, backup } = facts;
  declare(construct, ForDevelopment, { need: ElasticNeed.id, lacks: 'one pod, no TLS', others: ['eck', 'external'] });
  declare(construct, OwnSecrets, {
    namespace,
    secrets: [
      madeAccount(namespace, adminSecretOf(name), SUPERUSER),
      madeAccount(namespace, exporterSecretOf(name), 'exporter'),
    ],
  });
  if (backup !== undefined) declare(construct, DumpClaim, { name, namespace, storage });
  runNode(construct, facts, images);
  setUpElastic(build, construct, facts, {
    image: images.image,
    server: `http://${name}.${namespace}.svc:${ELASTIC_PORT}`,
    admin: [
      fromSecret('ADMIN_USER', adminSecretOf(name), 'username'),
      fromSecret('ADMIN_PASSWORD', adminSecretOf(name), 'password'),
    ],
    exporter: true,
    repository: { type: 'fs', settings: { location: SNAPSHOTS } },
  });
}

function runNode(construct: Construct, facts: ElasticFacts, { image, exporterImage }: Images): void {
  const { name, namespace, storage, backup } = facts;
  const snapshots = { persistentVolumeClaim: { claimName: dumpClaimOf({ name, namespace }) } };
  const kept = [{ name: 'snapshots', source: snapshots, mounts: [{ path: SNAPSHOTS }] }];
  runServer(construct, {
    name,
    namespace,
    storage,
    dataPath: `${HOME}/data`,
    user: ELASTIC_USER,
    ports: [tcpPort('http', ELASTIC_PORT)],
    env: [
      fromSecret('ELASTIC_PASSWORD', adminSecretOf(name), 'password'),
      { name: 'ES_JAVA_OPTS', value: javaOptions(facts) },
      { name: 'ES_TMPDIR', value: '/tmp' },
      { name: 'cluster.name', value: name },
      { name: 'discovery.type', value: 'single-node' },
      { name: 'readiness.port', value: String(READINESS_PORT) },
      { name: 'xpack.security.enabled', value: 'true' },
      { name: 'xpack.security.http.ssl.enabled', value: 'false' },
      { name: 'xpack.security.transport.ssl.enabled', value: 'false' },
      ...(backup === undefined ? [] : [{ name: 'path.repo', value: SNAPSHOTS }]),
    ],
    volumes: [
      scratch('tmp', '/tmp'),
      scratch('logs', `${HOME}/logs`),
      {
        name: 'config',
        source: { emptyDir: {} },
        mounts: [{ path: `${HOME}/config` }, { path: '/writable', container: 'config' }],
      },
      ...(backup === undefined ? [] : kept),
    ],
    beside: [configuration(image), exporter(name, exporterImage)],
    container: { image, health: portHealth(READINESS_PORT), resources: serverResources(facts) },
  });
}

/** At its start, Elasticsearch writes a key store beside its configuration: so that is copied to where it can. */
function configuration(image: string): ContainerPart {
  const command = ['/bin/sh', '-ec', `cp -R ${HOME}/config/. /writable/`];
  return {
    name: 'config',
    role: 'init',
    container: { name: 'config', image, command, ports: [], resources: SMALL },
    env: [],
  };
}

function exporter(name: string, image: string): ContainerPart {
  return {
    name: 'exporter',
    role: 'sidecar',
    container: {
      name: 'exporter',
      image,
      args: [`--es.uri=http://127.0.0.1:${ELASTIC_PORT}`],
      ports: [tcpPort('metrics', 9114)],
      resources: EXPORTER_RESOURCES,
    },
    env: [
      fromSecret('ES_USERNAME', exporterSecretOf(name), 'username'),
      fromSecret('ES_PASSWORD', exporterSecretOf(name), 'password'),
    ],
  };
}
