/**
 * Measures `toYaml` against `stringify` of the `yaml` package on the same manifests, and then the whole output of a large
 * system: `node bench/yaml.mjs`. Fails below a ratio of 2, as an emitter of our own would then not be worth having.
 */
import { Buffer } from 'node:buffer';
import { Module, createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { parseAllDocuments, stringify } from 'yaml';

const LARGE_SYSTEM = 9000;
const COMPARED = 600;
const LEAST_RATIO = 2;

const { toYaml, documentsToYaml } = load('../constructs/model/yaml.ts');

const compared = manifests(COMPARED);
check(compared);
const ours = best(20, () => Buffer.from(documentsToYaml(compared)));
const theirs = best(5, () =>
  Buffer.from(compared.map((manifest) => stringify(manifest, { lineWidth: 0 })).join('---\n')),
);
const ratio = theirs.ms / ours.ms;
console.log(
  `${COMPARED} manifests: toYaml ${ours.ms.toFixed(1)} ms, yaml ${theirs.ms.toFixed(1)} ms, ratio ${ratio.toFixed(0)}`,
);

const large = manifests(LARGE_SYSTEM);
const all = best(10, () => Buffer.from(documentsToYaml(large)));
const megabytes = all.result.length / 1e6;
console.log(
  `${LARGE_SYSTEM} manifests, ${megabytes.toFixed(1)} MB: best ${all.ms.toFixed(0)} ms, median ${all.median.toFixed(0)} ms`,
);

if (ratio < LEAST_RATIO) process.exitCode = 1;

export { ratio };

/** Compiles one source file in memory, so that the bench measures the tree as it is and needs no build. */
function load(source) {
  const path = fileURLToPath(new URL(source, import.meta.url));
  const bundle = buildSync({ entryPoints: [path], bundle: true, platform: 'node', format: 'cjs', write: false });
  const module = new Module(path);
  module.require = createRequire(path);
  module._compile(bundle.outputFiles[0].text, path);
  return module.exports;
}

/** A fast emitter that writes something else is no emitter. */
function check(values) {
  const read = parseAllDocuments(documentsToYaml(values)).map((document) => document.toJS());
  if (JSON.stringify(read) !== JSON.stringify(values))
    throw new Error('the reader got something else than was written');
  if (toYaml(values[0]) !== toYaml(values[0])) throw new Error('written twice, differs');
}

/** Warmed up by its own runs: the best is what a warm process does, the median includes collection of garbage. */
function best(runs, measured) {
  const times = [];
  let result;
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    result = measured();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { ms: times[0], median: times[Math.floor(runs / 2)], result };
}

/** Objects of a system of microservices, fresh each, in the mix that a service has: workload, service, config, policy. */
function manifests(count) {
  return Array.from({ length: count }, (_, index) => {
    const name = `service-${Math.floor(index / 4)}`;
    const kinds = [deployment, service, configMap, networkPolicy];
    return JSON.parse(JSON.stringify(kinds[index % kinds.length](name, index)));
  });
}

function metadata(name, index) {
  return {
    name,
    namespace: `team-${index % 40}`,
    labels: labels(name),
    annotations: {
      'ashlar.dev/source': `examples/system.ts:${index}`,
      'prometheus.io/port': '9090',
      'prometheus.io/scrape': 'true',
    },
  };
}

function labels(name) {
  return {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/part-of': 'shop',
    'app.kubernetes.io/managed-by': 'ashlar',
  };
}

function deployment(name, index) {
  const probe = { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10, failureThreshold: 3 };
  const container = {
    name: 'app',
    image: `registry.example.com/shop/${name}:1.${index % 50}.0`,
    args: ['--port=8080', '--log-level=info', `--name=${name}`],
    ports: [
      { name: 'http', containerPort: 8080, protocol: 'TCP' },
      { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
    ],
    env: Array.from({ length: 16 }, (_, n) => ({
      name: `UPSTREAM_${n}_URL`,
      value: `http://service-${n + index}.team-${n}.svc:8080`,
    })),
    resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '512Mi' } },
    readinessProbe: probe,
    livenessProbe: { ...probe, initialDelaySeconds: 30 },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'config', mountPath: '/etc/app', readOnly: true },
    ],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(name, index),
    spec: {
      replicas: 3,
      selector: { matchLabels: labels(name) },
      strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      template: {
        metadata: { labels: labels(name) },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [container],
          volumes: [
            { name: 'tmp', emptyDir: {} },
            { name: 'config', configMap: { name } },
          ],
        },
      },
    },
  };
}

function service(name, index) {
  const ports = [
    { name: 'http', port: 80, targetPort: 'http' },
    { name: 'metrics', port: 9090, targetPort: 'metrics' },
  ];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(name, index),
    spec: { selector: labels(name), ports },
  };
}

function configMap(name, index) {
  const lines = Array.from({ length: 20 }, (_, n) => `setting.${n} = value ${n + index}`).join('\n');
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(name, index),
    data: { 'app.properties': `${lines}\n`, retries: '3', verbose: 'no', note: 'a: b # c' },
  };
}

function networkPolicy(name, index) {
  const from = Array.from({ length: 6 }, (_, n) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': `team-${n}` } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': `service-${index + n}` } },
  }));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(name, index),
    spec: {
      podSelector: { matchLabels: labels(name) },
      policyTypes: ['Ingress'],
      ingress: [{ from, ports: [{ port: 8080, protocol: 'TCP' }] }],
    },
  };
}
