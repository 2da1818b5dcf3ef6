/**
 * The floor: what a program costs that makes the same objects as shop.ts by hand, as plain data in loops, and writes
 * them with JSON.stringify to the same number of files. It knows no graph, checks nothing and explains nothing.
 *
 *   node bench/floor.mjs SERVICES FOLDER          # JSON
 *   node bench/floor.mjs SERVICES FOLDER yaml     # the same by Ashlar's own writer: what loading it and YAML cost alone
 *
 * main.mjs compares what it wrote with what `ashlar synth` wrote, so when a derivation changes an object, this file has
 * to follow.
 */
import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contextObjects } from './floor-context.mjs';
import { deployment } from './floor-deployment.mjs';
import { CONFIG_KEYS, CONTEXT_SIZE, contextName, limit, rules, serviceNumbers } from './numbers.mjs';

const [, , services, folder, format = 'json'] = process.argv;
const count = Number(services);
const numbers = Array.from({ length: count }, (_, index) => scaled(index, serviceNumbers(index, count)));
const callers = numbers.map(() => []);
for (const [index, { calls }] of numbers.entries()) for (const callee of calls) callers[callee].push(index);

const { take, end } = format === 'yaml' ? yamlWriter() : jsonWriter();
for (let context = 0; context * CONTEXT_SIZE < count; context += 1) {
  const first = context * CONTEXT_SIZE;
  const items = contextObjects(context, numbers.slice(first, first + CONTEXT_SIZE));
  for (let index = first; index < Math.min(count, first + CONTEXT_SIZE); index += 1) addService(items, index);
  take(contextName(context), items);
}
end();

function jsonWriter() {
  mkdirSync(folder, { recursive: true });
  const take = (chart, items) => writeFileSync(join(folder, `${chart}.json`), JSON.stringify(items));
  return { take, end: () => undefined };
}

function yamlWriter() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const { writePlan } = createRequire(import.meta.url)(join(root, 'dist/charts.js'));
  const objects = [];
  const take = (chart, items) => objects.push(...items.map((manifest) => ({ chart, manifest })));
  return { take, end: () => writePlan({ platform: 'bench', environment: { name: 'prod' }, objects }, folder) };
}

/** environments/prod.yaml says something else for the first service. */
function scaled(index, service) {
  return index === 0 ? { ...service, min: 4, max: 40, cpuPercent: 60 } : service;
}

function addService(items, index) {
  const service = numbers[index];
  const { name, context, min, max, cpuPercent } = service;
  const namespace = contextName(context);
  const labels = () => ({ 'app.kubernetes.io/name': name, ...ownership(context) });
  const metadata = () => ({ name, namespace, labels: labels() });
  const selector = () => ({ matchLabels: { 'app.kubernetes.io/name': name } });
  const configs = configsOf(index, namespace, service);
  items.push(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(), automountServiceAccountToken: false },
    ...configs.map(({ manifest }) => manifest),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(),
      spec: {
        type: 'ClusterIP',
        selector: { 'app.kubernetes.io/name': name },
        ports: [
          { name: 'http', port: 8080, targetPort: 8080, protocol: 'TCP', appProtocol: 'http' },
          { name: 'metrics', port: 9464, targetPort: 9464, protocol: 'TCP' },
        ],
      },
    },
    deployment({ service, index, metadata, labels, selector, configs, numbers }),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadata(),
      spec: { maxUnavailable: '25%', unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: selector() },
    },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: metadata(),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        minReplicas: min,
        maxReplicas: max,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpuPercent } },
          },
        ],
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: metadata(),
      spec: {
        podSelector: selector(),
        policyTypes: ['Ingress', 'Egress'],
        ingress: callers[index].map((peer) => ({ from: [pods(peer)], ports: [{ protocol: 'TCP', port: 8080 }] })),
        egress: [...service.calls]
          .sort((a, b) => a - b)
          .map((peer) => ({ to: [pods(peer)], ports: [{ protocol: 'TCP', port: 8080 }] })),
      },
    },
  );
}

function pods(index) {
  const { name, context } = numbers[index];
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': contextName(context) } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
  };
}

function ownership(context) {
  return {
    'app.kubernetes.io/part-of': 'bench',
    'app.kubernetes.io/managed-by': 'ashlar',
    'ashlar.dev/context': contextName(context),
    'ashlar.dev/team': `team-${context % 9}`,
    'ashlar.dev/subdomain': 'supporting',
  };
}

function configsOf(index, namespace, { name, context, hasFlags }) {
  const limits = {};
  for (let key = 0; key < CONFIG_KEYS; key += 1) limits[`LIMIT_${key}`] = String(limit(index, key));
  limits.LOG_LEVEL = 'warning';
  const configs = [
    configMap(`${name}-limits`, namespace, context, limits, true),
    configMap(`${name}-rules`, namespace, context, { 'rules.conf': rules(index) }, true),
  ];
  if (!hasFlags) return configs;
  const flags = { BATCH: String(index % 100), NEW_CHECKOUT: String(index % 2 === 0) };
  return [...configs, configMap(`${name}-flags`, namespace, context, flags, false)];
}

function configMap(id, namespace, context, data, rolls) {
  const checksum = hash('sha256', JSON.stringify(data)).slice(0, 10);
  const name = rolls ? `${id}-${checksum}` : id;
  const labels = { 'ashlar.dev/config': id, ...ownership(context) };
  if (!rolls) {
    return {
      name,
      checksum,
      keys: Object.keys(data),
      manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data },
    };
  }
  const annotations = {
    'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
    'argocd.argoproj.io/sync-options': 'Prune=false',
    'kustomize.toolkit.fluxcd.io/prune': 'disabled',
  };
  return {
    name,
    checksum,
    keys: Object.keys(data),
    manifest: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, labels, annotations },
      immutable: true,
      data,
    },
  };
}
