import { groupBy } from '../constructs/model/order';
import type { BackEndPiece } from '../constructs/model/back-end';
import { TIERS } from '../constructs/model/environment';
import type { Piece, SettingPiece } from '../constructs/model/extension';
import type { JsonSchema } from '../constructs/model/json-schema';
import { SUPPORTED_VERSIONS } from '../policies/schema/versions';

const CIDRS: JsonSchema = {
  type: 'array',
  items: { type: 'string', pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$', description: 'A CIDR such as 10.0.0.0/16.' },
};

const NAME = '^[a-z]([-a-z0-9]*[a-z0-9])?$';

/** Where GitOps tools find an environment, and where they bring it. */
const GITOPS: JsonSchema = {
  type: 'object',
  description: 'For ashlar synth --gitops: where Argo CD or Flux finds the objects, and where they go.',
  required: ['repository'],
  additionalProperties: false,
  properties: {
    repository: { type: 'string', pattern: '^(https?|ssh)://|^[^/]+@', description: 'URL of the repository.' },
    revision: { type: 'string', description: 'Branch, tag or commit. Default: main.' },
    path: {
      type: 'string',
      pattern: '^[^/].*[^/]$',
      description: 'Folder of this environment in the repository. Default: k8s/<environment>.',
    },
    namespace: { type: 'string', pattern: NAME, description: 'Namespace of the tool. Default: argocd, flux-system.' },
    project: { type: 'string', description: 'Project of Argo CD. Default: default.' },
    destinations: {
      type: 'array',
      description: 'Clusters. Default: the one that the tool runs in.',
      items: {
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: {
          name: { type: 'string', pattern: NAME },
          server: { type: 'string', pattern: '^https://', description: 'Address of its API server, for Argo CD.' },
          kubeConfigSecret: { type: 'string', pattern: NAME, description: 'Secret with its kubeconfig, for Flux.' },
        },
      },
    },
  },
};

/** The values of a configuration, by key. */
const CONFIG: JsonSchema = { type: 'object', description: 'Values of configurations, by key.' };

/** What a layer file (`environments/layers/*.yaml`) may say, given the pieces of a platform. */
export function layerSchema(pieces: readonly Piece[]): JsonSchema {
  const settings = settingsSchema(pieces);
  return {
    type: 'object',
    properties: {
      settings: { ...settings, description: 'Values of settings for all services that say nothing themselves.' },
      config: CONFIG,
      services: {
        type: 'object',
        description:
          'What holds for one service (ordering/orders), a context (ordering/*) or all (*), whatever the program says.',
        additionalProperties: {
          type: 'object',
          properties: { settings, config: CONFIG },
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
  };
}

/** What an environment file (`environments/*.yaml`) may say, given the pieces of a platform. */
export function environmentFileSchema(pieces: readonly Piece[]): JsonSchema {
  const layer = layerSchema(pieces);
  return {
    type: 'object',
    description: 'One environment of an Ashlar platform.',
    required: ['tier'],
    additionalProperties: false,
    properties: {
      tier: { type: 'string', enum: TIERS, description: 'Decides defaults.' },
      kubernetes: {
        type: 'string',
        enum: SUPPORTED_VERSIONS,
        description: 'Minor version, in quotes. Default: the newest.',
      },
      domain: { type: 'string', description: 'DNS domain under which it is reached from outside.' },
      clusterDomain: { type: 'string', description: 'DNS domain of the cluster. Default: cluster.local.' },
      region: { type: 'string', pattern: NAME, description: 'Region of the cluster; chooses its layer under regions.' },
      zones: { type: 'array', items: { type: 'string', pattern: NAME }, description: 'Zones of the cluster.' },
      registries: {
        type: 'object',
        additionalProperties: { type: 'string', pattern: '^[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*$' },
        description: 'Image prefixes and what stands for them here, such as docker.io: registry.example.com/hub.',
      },
      apiServer: {
        type: 'object',
        description: 'Where the API server answers, for services that talk to it.',
        required: ['cidrs'],
        additionalProperties: false,
        properties: { cidrs: { ...CIDRS, minItems: 1 }, port: { type: 'integer', minimum: 1, maximum: 65535 } },
      },
      dns: {
        type: 'object',
        description: 'Where names are resolved. Default: kube-dns in kube-system.',
        additionalProperties: false,
        properties: {
          namespace: { type: 'string', pattern: NAME },
          podLabels: { type: 'object', additionalProperties: { type: 'string' } },
          ports: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1, maximum: 65535 } },
          cidrs: { ...CIDRS, description: 'Node-local caches and resolvers outside the cluster.' },
        },
      },
      without: {
        type: 'array',
        items: { type: 'string' },
        description: 'Constructs that are not deployed here, such as web/loadgenerator; nobody else may need them.',
      },
      gitops: GITOPS,
      backEnds: backEndsSchema(pieces),
      regions: { type: 'object', description: 'What differs by region.', additionalProperties: layer },
      ...layer.properties,
    },
  };
}

function settingsSchema(pieces: readonly Piece[]): JsonSchema {
  const known = pieces.filter((piece): piece is SettingPiece => piece.piece === 'setting');
  return {
    type: 'object',
    properties: Object.fromEntries(known.map(({ setting }) => [setting.id, setting.schema])),
    additionalProperties: false,
  };
}

/** A back end is given by its name and its options. */
function backEndsSchema(pieces: readonly Piece[]): JsonSchema {
  const byNeed = groupBy(
    pieces.filter((piece): piece is BackEndPiece => piece.piece === 'backEnd'),
    (piece) => piece.need,
  );
  const properties = [...byNeed].map(([need, backEnds]): [string, JsonSchema] => [
    need,
    {
      type: 'object',
      description: `What serves ${need}, and its options.`,
      required: ['name'],
      additionalProperties: false,
      properties: {
        name: { type: 'string', enum: backEnds.map(({ name }) => name) },
        options: { type: 'object' },
      },
    },
  ]);
  return {
    type: 'object',
    description: 'What serves each need.',
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}
