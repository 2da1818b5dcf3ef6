import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { KubeObject } from '../../constructs/model/kube-object';
import type { ClusterClient } from './client';
import type { ControlPlane } from './control-plane';

/** Usage of each container of a pod, as quantities. */
export interface Usage {
  /** `250m`. @defaultValue what the pod's annotation `kwok.x-k8s.io/usage-cpu` says, else '1m' */
  readonly cpu?: string;
  /** `64Mi`. @defaultValue what the pod's annotation `kwok.x-k8s.io/usage-memory` says, else '1Mi' */
  readonly memory?: string;
}

/** Whose usage: all pods of a namespace that have these labels. */
export interface UsageOf {
  /** The namespace of the pods. */
  readonly namespace: string;
  /** Labels that they have. @defaultValue all pods */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The stand-in for the metrics server. */
export interface Metrics {
  /** Says from now on what these pods use; what was said last counts. */
  use(of: UsageOf, usage: Usage): void;
  stop(): Promise<void>;
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly containers: readonly { readonly name: string }[] };
  readonly status?: { readonly phase?: string };
}

const GROUP_VERSION = 'metrics.k8s.io/v1beta1';
const PODS = new RegExp(`^/apis/${GROUP_VERSION}(?:/namespaces/([^/]+))?/pods(?:/([^/]+))?$`);

/**
 * Serves `metrics.k8s.io` from this process, behind the API server's real aggregation layer: a Service that leads to
 * `localhost`, the only way back to a loopback port. Autoscalers read it as they would read a metrics server.
 */
export async function startMetrics(plane: ControlPlane, client: ClusterClient): Promise<Metrics> {
  const rules: { of: UsageOf; usage: Usage }[] = [];
  const file = (name: string): string => path.join(plane.folder, 'certificates', name);
  const certificate = { cert: readFileSync(file('apiserver.crt')), key: readFileSync(file('apiserver.key')) };
  const server = createServer(certificate, (request, response) => {
    answer(request, client, rules).then(
      (body) => respond(response, body === undefined ? 404 : 200, body ?? status(404, 'not served here')),
      (error: unknown) => respond(response, 500, status(500, String(error))),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  for (const object of registration(port)) await client.applyObject(object);
  return { use: (of, usage) => void rules.unshift({ of, usage }), stop: () => stop(server) };
}

async function answer(
  request: IncomingMessage,
  client: ClusterClient,
  rules: readonly { of: UsageOf; usage: Usage }[],
): Promise<object | undefined> {
  const url = new URL(request.url ?? '/', 'https://localhost');
  if (url.pathname === `/apis/${GROUP_VERSION}`) return RESOURCES;
  if (url.pathname === `/apis/${GROUP_VERSION}/nodes`) return list('NodeMetricsList', []);
  const match = PODS.exec(url.pathname);
  if (match === null) return undefined;
  const [, namespace, name] = match;
  const scope = namespace === undefined ? '' : `namespaces/${namespace}/`;
  const one = name === undefined ? '' : `/${name}`;
  const { body } = await client.send({ path: `/api/v1/${scope}pods${one}${url.search}` });
  if (name !== undefined) return meter(body as Pod, rules);
  const pods = (body as { items: Pod[] }).items.filter((pod) => pod.status?.phase === 'Running');
  return list(
    'PodMetricsList',
    pods.map((pod) => meter(pod, rules)),
  );
}

function meter(pod: Pod, rules: readonly { of: UsageOf; usage: Usage }[]): object {
  const { name, namespace, labels = {}, annotations = {} } = pod.metadata;
  const rule = rules.find(({ of }) => {
    const wanted = Object.entries(of.labels ?? {});
    return of.namespace === namespace && wanted.every(([label, value]) => labels[label] === value);
  });
  const usage = {
    cpu: rule?.usage.cpu ?? annotations['kwok.x-k8s.io/usage-cpu'] ?? '1m',
    memory: rule?.usage.memory ?? annotations['kwok.x-k8s.io/usage-memory'] ?? '1Mi',
  };
  const timestamp = new Date().toISOString();
  return {
    kind: 'PodMetrics',
    apiVersion: GROUP_VERSION,
    metadata: { name, namespace, labels, creationTimestamp: timestamp },
    timestamp,
    // The autoscaler leaves out a pod that got ready less than a window ago.
    window: '1s',
    containers: pod.spec.containers.map((container) => ({ name: container.name, usage })),
  };
}

function list(kind: string, items: readonly object[]): object {
  return { kind, apiVersion: GROUP_VERSION, metadata: {}, items };
}

function status(code: number, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, message };
}

const RESOURCES = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: GROUP_VERSION,
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ],
};

function registration(port: number): readonly KubeObject[] {
  const [group, version] = GROUP_VERSION.split('/');
  const service = { name: 'stand-in-metrics', namespace: 'kube-system' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: service,
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port, protocol: 'TCP' }] },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `${version}.${group}` },
      spec: {
        group,
        version,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { ...service, port },
      },
    },
  ];
}

function respond(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
}
