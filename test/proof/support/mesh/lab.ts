import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import type { KubeObject } from 'ashlar';
import { startProcess, type RunningProcess } from 'ashlar/testing/cluster';
import { freePorts } from '../../../../testing/cluster/ports';
import { meshFile, render, type EnvoyJson, type ProxyConfig } from './engine';
import { localize, type KeyPair, type Surroundings } from './localize';
import { nextNet } from './net';
import { nodeProxy } from './node-proxy';
import { writeRoutes } from './routes';
import { askGrpc, askHttp, grpcServer, httpServer, type Answer, type App, type Request } from './talk';
import { place, type Placeable, type Placed, type PlacedPod, type Places } from './placed';

/** How a client outside calls. */
export interface OutsideRequest extends Request {
  /** Without TLS. @defaultValue false */
  readonly plain?: boolean;
  /** Address of the client. @defaultValue '127.0.0.1' */
  readonly localAddress?: string;
}

interface Running {
  readonly pod: PlacedPod;
  readonly envoy: RunningProcess;
  readonly adminPort: number;
}

/** What is other than in a cluster. */
export interface LabOptions {
  /** Kinds of objects that istiod is not shown. @defaultValue none */
  readonly without?: readonly string[];
  /** Changes objects before istiod sees them. @defaultValue nothing */
  readonly change?: (object: KubeObject) => KubeObject;
  /** Objects that are no part of the plan, and that istiod looks at. @defaultValue none */
  readonly beside?: readonly KubeObject[];
  /** What gateways show to clients. @defaultValue nothing */
  readonly shown?: KeyPair;
  /** Proxies follow routes that change. Each watches files, and a machine lets few do so. @defaultValue false */
  readonly follows?: boolean;
  /** Servers that run in place of applications, `host:port` by `namespace/name` and port. @defaultValue none */
  readonly standIns?: Readonly<Record<string, string>>;
  /** How many pods workloads have, and where. @defaultValue one each, nowhere */
  readonly places?: Places;
  /** Where hosts outside the cluster are, by `host:port`. @defaultValue nowhere */
  readonly outside?: Surroundings['outside'];
}

/** Pods of a plan as processes: an application and an Envoy each, with what istiod makes of the plan's objects. */
export class Lab {
  readonly apps = new Map<string, App>();
  readonly placed: Placed;
  readonly problems: readonly string[];
  readonly configs: ReadonlyMap<string, ProxyConfig>;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'ashlar-mesh-'));
  readonly #objects: readonly KubeObject[];
  readonly #running = new Map<string, Running>();
  readonly #servers: net.Server[] = [];
  #authority: ChildProcessWithoutNullStreams | undefined;
  #authorityAt = '';

  constructor(
    plan: Placeable,
    private readonly options: LabOptions = {},
  ) {
    this.placed = place(plan, options.places, nextNet());
    const { without = [], beside = [], change = (object) => object } = options;
    const pods = [...this.placed.pods.values()].filter(({ inMesh }) => inMesh);
    this.#objects = [...this.placed.objects, ...beside].filter(({ kind }) => !without.includes(kind)).map(change);
    const rendered = render(
      this.#objects,
      pods.map((pod) => this.placed.proxyOf(pod)),
    );
    this.problems = rendered.problems;
    this.configs = new Map(pods.map(({ key }, index) => [key, rendered.proxies[index] as ProxyConfig]));
  }

  /** Running proxies follow routes (`follows`) as istiod makes them of other objects in place of those of the same kind. */
  follow(kind: string, objects: readonly KubeObject[]): void {
    const pods = [...this.#running.values()].map(({ pod }) => pod).filter(({ inMesh }) => inMesh);
    const { proxies } = render(
      [...this.#objects.filter((object) => object.kind !== kind), ...objects],
      pods.map((pod) => this.placed.proxyOf(pod)),
    );
    for (const [index, pod] of pods.entries()) writeRoutes(this.#routesOf(pod), proxies[index]?.routes ?? []);
  }

  /** Starts applications and proxies of pods: `ordering/orders`. */
  async start(...keys: readonly string[]): Promise<void> {
    if (this.#authority === undefined) await this.#startAuthority();
    for (const key of keys) await this.#startPod(this.pod(key));
  }

  pod(key: string): PlacedPod {
    const pod = this.placed.pods.get(key);
    if (pod === undefined) throw new Error(`There is no ${key}; there are ${[...this.placed.pods.keys()].join(', ')}`);
    return pod;
  }

  app(key: string): App {
    const app = this.apps.get(key);
    if (app === undefined) throw new Error(`${key} was not started.`);
    return app;
  }

  /** Applications have seen nothing yet, and answer well and at once. */
  reset(replyOf: (key: string) => App['reply'] = () => ({})): void {
    for (const [key, app] of this.apps)
      Object.assign(app, { seen: [], answer: () => 200, delayMs: 0, reply: replyOf(key) });
  }

  /** Writes what a proxy would run with, for Envoy to judge. */
  writeConfig(key: string): string {
    const pod = this.pod(key);
    const file = path.join(this.#folder, `${pod.namespace}-${pod.pod}.json`);
    const ports = pod.isGateway || pod.isWaypoint ? [] : pod.ports;
    const apps = Object.fromEntries(ports.map((port) => [port, '127.0.0.1:9']));
    const around = this.#around(pod, { apps, adminPort: 0, authority: '127.0.0.1:9' });
    writeFileSync(file, JSON.stringify(localize(this.#config(key), this.placed.proxyOf(pod), around)));
    return file;
  }

  /** Calls a Service as the application of a pod does: through that pod's proxy. */
  async call(from: string, service: string, port: number, request: Request = {}): Promise<Answer> {
    const { address, namespace, name } = this.#service(service);
    const host = `${name}.${namespace}.svc:${port}`;
    return askHttp(() => this.#enter(from, address, port), host, request);
  }

  /** The same with gRPC. */
  async callGrpc(from: string, service: string, port: number, method: string): Promise<Answer> {
    const { address, namespace, name } = this.#service(service);
    return askGrpc(this.#enter(from, address, port), `${name}.${namespace}.svc:${port}`, method);
  }

  /** Calls a gateway as a client outside does, over TLS where certificates are shown, and otherwise without. */
  async fromOutside(gateway: string, host: string, request: OutsideRequest = {}): Promise<Answer> {
    const { address } = this.pod(gateway);
    const { plain = false, localAddress = '127.0.0.1', ...asked } = request;
    const ca = this.options.shown?.certificate ?? '';
    const open = () =>
      plain
        ? net.connect(8080, address)
        : tls.connect({ host: address, port: 8443, localAddress, servername: host, ca } as tls.ConnectionOptions);
    return askHttp(open, host, asked);
  }

  /** Calls a gateway with gRPC, as a client outside does. */
  async grpcFromOutside(gateway: string, host: string, method: string): Promise<Answer> {
    const ca = this.options.shown?.certificate ?? '';
    const { address } = this.pod(gateway);
    const socket = tls.connect({ host: address, port: 8443, servername: host, ca, ALPNProtocols: ['h2'] });
    await once(socket, 'secureConnect');
    return askGrpc(socket, host, method);
  }

  /** Opens a connection to a pod's port past the caller's proxy, in plain text. */
  async plain(to: string, port: number): Promise<string> {
    const { address } = this.pod(to);
    return askHttp(() => net.connect(port, address), 'plain', {}).then(
      ({ status }) => `status ${status}`,
      () => 'refused',
    );
  }

  /** Values of Envoy's counters whose name matches. */
  async stats(key: string, pattern: RegExp): Promise<Readonly<Record<string, number>>> {
    const port = this.#running.get(key)?.adminPort ?? 0;
    const { body } = await askHttp(() => net.connect(port, '127.0.0.1'), 'admin', { path: '/stats' });
    const lines = body.split('\n').filter((line) => pattern.test(line));
    return Object.fromEntries(lines.map((line) => [line.split(': ')[0] ?? '', Number(line.split(': ')[1])]));
  }

  /** Ends the proxy of a pod, as when its node is gone. */
  async stopPod(key: string): Promise<void> {
    await this.#running.get(key)?.envoy.stop();
  }

  /** Ends all that it started, and waits for that. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ envoy }) => envoy.stop()));
    const listening = this.#servers.filter((server) => server.listening);
    const closed = listening.map((server) => once(server, 'close'));
    for (const server of listening) server.close();
    await Promise.all(closed);
    const authority = this.#authority;
    if (authority?.exitCode === null) {
      authority.stdin.end();
      await once(authority, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Folder of the routes of a proxy, with what istiod sent at first. */
  #routesOf({ key, namespace, name }: PlacedPod): string {
    const folder = path.join(this.#folder, `${namespace}-${name}-routes`);
    if (!existsSync(folder)) {
      mkdirSync(folder);
      writeRoutes(folder, this.configs.get(key)?.routes ?? []);
    }
    return folder;
  }

  #around(pod: PlacedPod, more: Omit<Surroundings, 'address' | 'routes'>): Surroundings {
    const { shown, outside, beside = [] } = this.options;
    const authorities = Object.fromEntries(
      beside.flatMap(({ kind, metadata: { namespace, name }, ...object }) => {
        const data = object['data'] as Readonly<Record<string, string>> | undefined;
        return kind === 'ConfigMap' ? [[`${namespace}/${name}`, data?.['ca.crt'] ?? '']] : [];
      }),
    );
    return {
      address: pod.address,
      ...(this.options.follows === true && { routes: this.#routesOf(pod) }),
      authorities,
      ...more,
      ...(shown !== undefined && { shown }),
      ...(outside !== undefined && { outside }),
    };
  }

  #proxy(pod: PlacedPod, around: Surroundings) {
    const id = this.placed.proxyOf(pod);
    if (!pod.isAmbient) return alone(localize(this.#config(pod.key), id, around));
    const waypoint = [...this.placed.pods.values()].find(({ isWaypoint }) => isWaypoint);
    return alone(nodeProxy(id, { ...around, waypoint: waypoint?.address ?? '127.0.0.1' }));
  }

  #config(key: string): ProxyConfig {
    const config = this.configs.get(key);
    if (config === undefined) throw new Error(`${key} is not in the mesh.`);
    return config;
  }

  #service(key: string) {
    const service = this.placed.services.get(key);
    if (service === undefined) throw new Error(`There is no Service ${key}.`);
    return service;
  }

  /** A connection into a pod's proxy that claims to be on its way to an address. */
  #enter(from: string, address: string, port: number): net.Socket {
    const socket = net.connect(15001, this.pod(from).address);
    socket.write(`PROXY TCP4 127.0.0.1 ${address} 40000 ${port}\r\n`);
    return socket;
  }

  async #startAuthority(): Promise<void> {
    this.#authority = spawn(meshFile('istiod'), ['identify']);
    const [line] = (await once(this.#authority.stdout, 'data')) as [Buffer];
    this.#authorityAt = line.toString().trim();
  }

  async #startPod(pod: PlacedPod): Promise<void> {
    if (this.apps.has(pod.key)) return;
    const app: App = { seen: [], answer: () => 200, delayMs: 0, reply: {} };
    this.apps.set(pod.key, app);
    if (pod.inMesh || pod.isAmbient) return this.#startProxy(pod, app);
    for (const port of pod.ports) await this.#serve(app, isGrpc(this.placed, pod, port), pod.address, port);
  }

  async #startProxy(pod: PlacedPod, app: App): Promise<void> {
    const apps: Record<number, string> = {};
    for (const port of pod.isGateway || pod.isWaypoint ? [] : pod.ports)
      apps[port] =
        this.options.standIns?.[`${pod.key}:${port}`] ?? (await this.#serve(app, isGrpc(this.placed, pod, port)));
    const [adminPort = 0] = await freePorts(1);
    const around = this.#around(pod, { apps, adminPort, authority: this.#authorityAt });
    const file = path.join(this.#folder, `${pod.namespace}-${pod.pod}.json`);
    writeFileSync(file, JSON.stringify(this.#proxy(pod, around)));
    const ready = async (): Promise<boolean> => {
      const { status } = await askHttp(() => net.connect(adminPort, '127.0.0.1'), 'admin', { path: '/ready' });
      return status === 200;
    };
    const envoy = await startProcess({
      name: `envoy of ${pod.key}`,
      command: meshFile('envoy'),
      args: ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '-l', 'error'],
      ready,
      stopSignal: 'SIGKILL',
    });
    this.#running.set(pod.key, { pod, envoy, adminPort });
  }

  async #serve(app: App, grpc: boolean, host = '127.0.0.1', port = 0): Promise<string> {
    const server = grpc ? grpcServer(app) : httpServer(app);
    server.listen(port, host);
    await once(server, 'listening');
    this.#servers.push(server);
    return `${host}:${(server.address() as net.AddressInfo).port}`;
  }
}

/** Where somebody else listens on one of its addresses, a proxy says so, and does not share connections with them. */
function alone(proxy: EnvoyJson): EnvoyJson {
  for (const listener of proxy.staticResources.listeners as EnvoyJson[])
    if (listener.address?.socketAddress !== undefined) listener.enableReusePort = false;
  return proxy;
}

function isGrpc(placed: Placed, pod: PlacedPod, port: number): boolean {
  const services = [...placed.services.values()].filter(({ pods }) => pods.includes(pod));
  const ports = services.flatMap(({ ports: all }) => all).filter(({ targetPort }) => targetPort === port);
  return ports.some((one) =>
    ['grpc', 'kubernetes.io/h2c'].includes((one as { appProtocol?: string }).appProtocol ?? ''),
  );
}
