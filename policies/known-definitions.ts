const TEXT = { type: 'string' };
const NUMBER = { type: 'integer' };
const YES_OR_NO = { type: 'boolean' };
const TEXTS = { type: 'array', items: TEXT };

const object = (properties: object, ...required: readonly string[]): object => ({
  type: 'object',
  properties,
  required,
});

const SECRET_KEY = object({ name: TEXT, key: TEXT }, 'name', 'key');
const QUANTITY = { 'x-kubernetes-int-or-string': true };
const AMOUNTS = { type: 'object', additionalProperties: QUANTITY };

/**
 * `ObjectStore` of the Barman Cloud plugin, written by hand after its API reference (plugin-barman-cloud 0.13, API
 * `barmancloud.cnpg.io/v1`): no package of types has it.
 */
const OBJECT_STORE = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'objectstores.barmancloud.cnpg.io' },
  spec: {
    group: 'barmancloud.cnpg.io',
    scope: 'Namespaced',
    names: { kind: 'ObjectStore', plural: 'objectstores' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: object(
            {
              apiVersion: TEXT,
              kind: TEXT,
              metadata: { type: 'object' },
              spec: object(
                {
                  configuration: object(
                    {
                      destinationPath: TEXT,
                      endpointURL: TEXT,
                      endpointCA: SECRET_KEY,
                      serverName: TEXT,
                      s3Credentials: object({
                        accessKeyId: SECRET_KEY,
                        secretAccessKey: SECRET_KEY,
                        sessionToken: SECRET_KEY,
                        region: SECRET_KEY,
                        inheritFromIAMRole: YES_OR_NO,
                      }),
                      googleCredentials: object({ applicationCredentials: SECRET_KEY, gkeEnvironment: YES_OR_NO }),
                      azureCredentials: object({
                        connectionString: SECRET_KEY,
                        storageAccount: SECRET_KEY,
                        storageKey: SECRET_KEY,
                        storageSasToken: SECRET_KEY,
                        inheritFromAzureAD: YES_OR_NO,
                        useDefaultAzureCredentials: YES_OR_NO,
                      }),
                      wal: object({
                        compression: { ...TEXT, enum: ['bzip2', 'gzip', 'lz4', 'snappy', 'xz', 'zstd'] },
                        encryption: { ...TEXT, enum: ['AES256', 'aws:kms'] },
                        maxParallel: NUMBER,
                        archiveAdditionalCommandArgs: TEXTS,
                        restoreAdditionalCommandArgs: TEXTS,
                      }),
                      data: object({
                        compression: { ...TEXT, enum: ['bzip2', 'gzip', 'lz4', 'snappy'] },
                        encryption: { ...TEXT, enum: ['AES256', 'aws:kms'] },
                        immediateCheckpoint: YES_OR_NO,
                        jobs: NUMBER,
                        additionalCommandArgs: TEXTS,
                        restoreAdditionalCommandArgs: TEXTS,
                      }),
                      tags: { type: 'object', additionalProperties: TEXT },
                      historyTags: { type: 'object', additionalProperties: TEXT },
                    },
                    'destinationPath',
                  ),
                  retentionPolicy: { ...TEXT, pattern: '^[1-9][0-9]*[dwm]$' },
                  instanceSidecarConfiguration: object({
                    env: { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
                    additionalContainerArgs: TEXTS,
                    logLevel: { ...TEXT, enum: ['error', 'warning', 'info', 'debug', 'trace'] },
                    retentionPolicyIntervalSeconds: NUMBER,
                    resources: object({ requests: AMOUNTS, limits: AMOUNTS }),
                  }),
                },
                'configuration',
              ),
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
            'metadata',
            'spec',
          ),
        },
      },
    ],
  },
};

/** Definitions of kinds that Ashlar emits and that no package of types has. */
export const KNOWN_DEFINITIONS: readonly object[] = [OBJECT_STORE];
