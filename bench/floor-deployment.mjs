/** The Deployment of the floor (floor.mjs), written by hand. */
import { contextName } from './numbers.mjs';

export function deployment({ service, index, metadata, labels, selector, configs, numbers }) {
  const { name, image, cpuMillis, memoryMebibytes } = service;
  const [limits, rules, flags] = configs;
  const spread = (topologyKey, whenUnsatisfiable) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable,
    nodeTaintsPolicy: 'Honor',
    labelSelector: selector(),
    matchLabelKeys: ['pod-template-hash'],
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(),
    spec: {
      revisionHistoryLimit: 5,
      selector: selector(),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      template: {
        metadata: {
          labels: labels(),
          ...(flags && { annotations: { [`config.ashlar.dev/${name}-flags`]: flags.checksum } }),
        },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            runAsGroup: 1000,
            fsGroup: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name,
              image: `registry.example.com/acme/${image}`,
              ports: [
                { name: 'http', containerPort: 8080, protocol: 'TCP' },
                { name: 'metrics', containerPort: 9464, protocol: 'TCP' },
              ],
              env: variables(service, index, limits, flags, numbers),
              resources: {
                requests: { cpu: cores(cpuMillis), memory: `${memoryMebibytes}Mi` },
                limits: { memory: `${2 * memoryMebibytes}Mi` },
              },
              readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
              livenessProbe: { httpGet: { path: '/live', port: 8080 } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [
                { name: `${name}-rules`, mountPath: '/etc/rules', readOnly: true },
                { name: 'tmp', mountPath: '/tmp' },
              ],
              lifecycle: { preStop: { sleep: { seconds: 5 } } },
            },
          ],
          terminationGracePeriodSeconds: 35,
          topologySpreadConstraints: [
            spread('topology.kubernetes.io/zone', 'DoNotSchedule'),
            spread('kubernetes.io/hostname', 'ScheduleAnyway'),
          ],
          volumes: [
            { name: `${name}-rules`, configMap: { name: rules.name } },
            { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
          ],
        },
      },
    },
  };
}

/** In the order of their names. */
function variables({ name, calls }, index, limits, flags, numbers) {
  const read = (config, key) => ({ name: key, valueFrom: { configMapKeyRef: { name: config.name, key } } });
  const addresses = calls.map((callee, step) => ({
    name: `PEER_${step}_ADDR`,
    value: `${numbers[callee].name}.${contextName(numbers[callee].context)}.svc:8080`,
  }));
  return [
    ...(flags ? [read(flags, 'BATCH')] : []),
    ...limits.keys.map((key) => read(limits, key)),
    ...(flags ? [read(flags, 'NEW_CHECKOUT')] : []),
    ...addresses,
    { name: 'SERVICE', value: name },
    { name: 'SHARD', value: String(index % 16) },
  ];
}

function cores(millis) {
  return `${millis}m`;
}
