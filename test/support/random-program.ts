import {
  accept,
  BoundedContext,
  Config,
  definePlatform,
  Exposure,
  ExternalService,
  Key,
  Microservice,
  Port,
  RedisCache,
  RedisStore,
  type RedisServer,
  Scale,
  Schedule,
  ScheduledTask,
  Size,
  Task,
  type Environment,
  type IEndpoint,
  type Layer,
  type Plan,
  type Platform,
  type CallOptions,
  type Caller,
  type Program,
} from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import {
  addressOf,
  INGRESS,
  OFFICE,
  podsOf,
  portsOf,
  type RandomPlatform,
  type RandomPort,
  type RandomService,
} from './random-platform';
import { shuffled } from './shuffled';

/** The plan of a platform whose statements come in the order that a number chooses; 0 is the order of the data. */
export function randomPlan(data: RandomPlatform, order = 0, { mesh = 'none', asked }: PlanOptions = {}): Plan {
  const backEnds = { mesh: { name: mesh, options: {}, at: 'environments/random.yaml:1:1' } };
  const environment = { ...environmentOf(data), backEnds };
  return makePlan(definePlatform('shop', programOf(data, order, asked)), environment, { today: '2026-01-01' });
}

/** What is other than in a plain plan. */
export interface PlanOptions {
  /** @defaultValue 'none' */
  readonly mesh?: string;
  /** What is asked of calls to a callee. @defaultValue nothing */
  readonly asked?: (callee: number) => CallOptions;
}

/** The environment of a platform: its tier, and a layer with the values that single readers get. */
export function environmentOf({ tier, contexts, services, configs }: RandomPlatform): Environment {
  const own: Record<string, Layer['services'][string]> = {};
  for (const [at, { apart }] of configs.entries()) {
    for (const reader of apart) {
      const { context, id } = services[reader]!;
      const path = `${contexts[context]}/${id}`;
      const value = { value: `own-${reader}`, at: `environments/random.yaml:${reader}:1` };
      own[path] = { at: value.at, settings: {}, config: { ...own[path]?.config, [`KEY_${at}`]: value } };
    }
  }
  const layer: Layer = { name: 'environment', settings: {}, config: {}, services: own };
  return { ...plainEnvironment('random', tier), zones: ['zone-a', 'zone-b'], layers: [layer] };
}

/** The program that says all of it, its statements in the order that a number chooses; 0 is the order of the data. */
export function programOf(data: RandomPlatform, order = 0, asked: PlanOptions['asked'] = () => ({})): Program {
  return (platform) => {
    const world = new World(data, platform);
    for (const statement of shuffled(statementsOf(data, world, asked), order)) statement();
  };
}

/** Constructs, made when the first statement needs them: so creations and verbs come in any order. */
class World {
  readonly #made = new Map<string, unknown>();

  constructor(
    private readonly data: RandomPlatform,
    private readonly platform: Platform,
  ) {}

  context(at: number): BoundedContext {
    return this.#once(`context ${at}`, () => {
      const team = ['red', 'blue', 'green'][at] ?? 'grey';
      return new BoundedContext(this.platform, this.data.contexts[at]!, { team });
    });
  }

  /** A service or a task. */
  caller(at: number): Caller {
    const { context, id, runs } = this.data.services[at]!;
    if (runs === 'on') return this.service(at);
    return this.#once(`task ${at}`, () => {
      const [scope, image] = [this.context(context), `example.com/task-${at}:1.0.0`];
      return runs === 'once'
        ? new Task(scope, id, { image })
        : new ScheduledTask(scope, id, { image, schedule: Schedule.daily({ at: '03:30' }) });
    });
  }

  service(at: number): Microservice {
    return this.#once(`service ${at}`, () => {
      const { context, id, ports: given, isScaled } = this.data.services[at]!;
      return new Microservice(this.context(context), id, {
        image: `example.com/service-${at}:1.0.0`,
        ports: portsFor(given),
        ...(isScaled && { scale: Scale.between(2, 5) }),
      });
    });
  }

  cache(at: number): RedisServer {
    return this.#once(`cache ${at}`, () => {
      const { context, id, isStored } = this.data.caches[at]!;
      const scope = this.context(context);
      const access = 'network';
      const server = isStored
        ? new RedisStore(scope, id, { access, storage: Size.gibibytes(1) })
        : new RedisCache(scope, id, { access });
      accept(server, 'single-replica', 'One is enough.');
      accept(server, 'no-backup', 'It may be lost.');
      return server;
    });
  }

  config(at: number): Config<Record<string, Key<string>>> {
    return this.#once(`config ${at}`, () => {
      const { context, id, isFolder, change } = this.data.configs[at]!;
      const key = `KEY_${at}`;
      const props = { schema: { [key]: Key.text() }, values: { [key]: 'common' }, change };
      return new Config(this.context(context), id, isFolder ? { ...props, folder: `/etc/config-${at}` } : props);
    });
  }

  external(at: number): ExternalService {
    return this.#once(`external ${at}`, () => {
      const { reach, ports: given } = this.data.externals[at]!;
      const id = `external-${at}`;
      if (reach === 'pods') {
        const { namespace, labels } = podsOf(at);
        return ExternalService.inCluster(this.platform, id, { namespace, podLabels: labels, ports: portsFor(given) });
      }
      const props = { host: `${id}.example.com`, ports: portsFor(given) };
      const addresses = [`${addressOf(at)}/32`];
      return ExternalService.of(this.platform, id, reach === 'address' ? { ...props, addresses } : props);
    });
  }

  callee(at: number): IEndpoint {
    const { services, caches } = this.data;
    if (at < services.length) return this.service(at);
    const beyond = at - services.length;
    return beyond < caches.length ? this.cache(beyond) : this.external(beyond - caches.length);
  }

  #once<T>(key: string, make: () => T): T {
    if (!this.#made.has(key)) this.#made.set(key, make());
    return this.#made.get(key) as T;
  }
}

function portsFor(given: readonly RandomPort[]): Record<string, Port> {
  return Object.fromEntries(given.map((port) => [port.name, portFor(port)]));
}

function portFor({ name, number, container, isUdp }: RandomPort): Port {
  const options = { container };
  if (isUdp) return Port.udp(number, options);
  switch (name) {
    case 'http':
      return Port.http(number, options);
    case 'http2':
      return Port.http2(number, options);
    case 'grpc':
      return Port.grpc(number, options);
    default:
      return Port.tcp(number, options);
  }
}

type Statement = () => unknown;

function statementsOf(
  data: RandomPlatform,
  world: World,
  asked: (callee: number) => CallOptions,
): readonly Statement[] {
  return [
    ...data.contexts.map((_, at) => () => world.context(at)),
    ...data.caches.map((_, at) => () => world.cache(at)),
    ...data.externals.map((_, at) => () => world.external(at)),
    ...data.services.flatMap((service, at) => serviceStatements(service, at, world)),
    ...data.configs.flatMap(({ readers }, at) => [
      () => world.config(at),
      ...readers.map((reader) => () => world.caller(reader).reads(world.config(at))),
    ]),
    ...data.calls.flatMap(({ from, to, port, times }) => {
      const options = { port: portsOf(data, to)[port]!.name, env: `ADDRESS_${to}_${port}`, ...asked(to) };
      return Array<Statement>(times).fill(() => world.caller(from).calls(world.callee(to), options));
    }),
    ...data.waits.map(
      ({ service, on }) =>
        () =>
          world.caller(service).node.addDependency(world.caller(on)),
    ),
    ...data.operators.flatMap((at) => [
      () => world.caller(at).accessesKubernetes({ resources: ['pods'], verbs: ['get'] }),
      () => world.caller(at).accessesKubernetes({ resources: ['configmaps'], verbs: ['list'] }),
    ]),
  ];
}

function serviceStatements(service: RandomService, at: number, world: World): readonly Statement[] {
  return [
    () => world.caller(at),
    ...(service.isHeadlessToo && service.ports.length > 0
      ? [() => world.service(at).addService(`headless-${at}`, { headless: true })]
      : []),
    ...service.exposures.map(({ port, to }, nth) => () => {
      const { name } = service.ports[port]!;
      if (to === 'everybody') return world.service(at).exposes(name, Exposure.loadBalancer(`public-${at}-${nth}`));
      if (to === 'office') return world.service(at).exposes(name, Exposure.addresses(OFFICE));
      return world.service(at).exposes(name, Exposure.pods(INGRESS.namespace, INGRESS.labels));
    }),
  ];
}
