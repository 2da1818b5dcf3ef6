import {
  accept,
  BoundedContext,
  Config,
  Exposure,
  ExternalService,
  Key,
  Microservice,
  Port,
  RedisCache,
  Scale,
  Size,
  type Environment,
  type IEndpoint,
  type Layer,
  type Platform,
  type Program,
  type Tier,
} from 'ashlar';
import { plainEnvironment } from 'ashlar/charts';
import fc from 'fast-check';

/** A platform as plain data, which says nothing about the order of statements. Lists refer to each other by index. */
export interface RandomPlatform {
  readonly tier: Tier;
  readonly contexts: readonly string[];
  readonly services: readonly RandomService[];
  readonly caches: readonly { readonly context: number; readonly id: string; readonly isStored: boolean }[];
  readonly configs: readonly RandomConfig[];
  readonly externals: readonly RandomExternal[];
  readonly calls: readonly RandomCall[];
  /** Services that may talk to the API server. */
  readonly operators: readonly number[];
}

export interface RandomService {
  readonly context: number;
  readonly id: string;
  readonly ports: readonly RandomPort[];
  readonly isScaled: boolean;
  readonly isHeadlessToo: boolean;
  /** Ways in from outside, each to a port by its index. */
  readonly exposures: readonly { readonly port: number; readonly to: 'everybody' | 'office' | 'ingress' }[];
}

export interface RandomPort {
  readonly name: string;
  readonly number: number;
  readonly container: number;
  readonly isUdp: boolean;
}

export interface RandomConfig {
  readonly context: number;
  readonly id: string;
  readonly isFolder: boolean;
  readonly change: 'roll' | 'replace';
  /** Services of its context. */
  readonly readers: readonly number[];
  /** Readers for which a layer of the environment has a value of their own. */
  readonly apart: readonly number[];
}

export interface RandomExternal {
  readonly reach: 'public' | 'address' | 'pods';
  readonly ports: readonly RandomPort[];
}

/** Callees are services, then caches, then externals, in one list. */
export interface RandomCall {
  readonly from: number;
  readonly to: number;
  readonly port: number;
  /** How often the program says it. */
  readonly times: number;
}

export const OFFICE = '198.51.100.0/24';
export const INGRESS = { namespace: 'ingress', labels: { app: 'gateway' } };
export const REDIS: RandomPort = { name: 'redis', number: 6379, container: 6379, isUdp: false };

/** Address of an external service that has one. */
export function addressOf(external: number): string {
  return `203.0.113.${external}`;
}

/** Pods of an external service that runs in the cluster. */
export function podsOf(external: number): { namespace: string; labels: Record<string, string> } {
  return { namespace: 'partner', labels: { app: `partner-${external}` } };
}

/** The ports of a callee. */
export function portsOf({ services, caches, externals }: RandomPlatform, callee: number): readonly RandomPort[] {
  const beyondServices = callee - services.length;
  if (beyondServices < 0) return services[callee]?.ports ?? [];
  return beyondServices < caches.length ? [REDIS] : (externals[beyondServices - caches.length]?.ports ?? []);
}

// --- data ----------------------------------------------------------------------------------------------------------

/** Names that sort, join and fit badly: prefixes of each other, hyphens, digits, the longest that there may be. */
const NAMES = ['a', 'aa', 'ab', 'a-b', 'a0', 'b', 'b-a', 'i', 'y', 'z', 'zz', 'orders', 'l'.repeat(50), 'm'.repeat(63)];
const PORT_NAMES = ['http', 'grpc', 'http2', 'admin', 'metrics', 'tcp-2'];
/** Few, so that services share them; the API server's is among them, and that of Redis. */
const PORT_NUMBERS = [80, 443, 6379, 6443, 8080, 9090];

const index = fc.nat({ max: 1000 });
const ports = (min: number): fc.Arbitrary<readonly RandomPort[]> =>
  fc
    .record({
      names: fc.uniqueArray(fc.constantFrom(...PORT_NAMES), { minLength: min, maxLength: 3 }),
      numbers: fc.shuffledSubarray(PORT_NUMBERS, { minLength: 3 }),
      containers: fc.shuffledSubarray(PORT_NUMBERS, { minLength: 3 }),
      udp: fc.boolean(),
    })
    .map(({ names, numbers, containers, udp }) =>
      names.map((name, at) => ({
        name,
        number: numbers[at] ?? 0,
        container: containers[at] ?? 0,
        isUdp: udp && name === 'tcp-2',
      })),
    );

const raw = fc.record({
  tier: fc.constantFrom<Tier>('development', 'staging', 'production'),
  contexts: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }),
  names: fc.array(fc.shuffledSubarray(NAMES, { minLength: NAMES.length }), { minLength: 3, maxLength: 3 }),
  services: fc.array(
    fc.record({
      context: index,
      ports: ports(0),
      isScaled: fc.boolean(),
      isHeadlessToo: fc.boolean(),
      exposures: fc.array(
        fc.record({ port: index, to: fc.constantFrom('everybody' as const, 'office' as const, 'ingress' as const) }),
        { maxLength: 2 },
      ),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  caches: fc.array(fc.record({ context: index, isStored: fc.boolean() }), { maxLength: 2 }),
  configs: fc.array(
    fc.record({
      context: index,
      isFolder: fc.boolean(),
      change: fc.constantFrom('roll' as const, 'replace' as const),
      readers: fc.array(index, { maxLength: 3 }),
      apart: fc.array(index, { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
  externals: fc.array(
    fc.record({ reach: fc.constantFrom('public' as const, 'address' as const, 'pods' as const), ports: ports(1) }),
    { maxLength: 3 },
  ),
  calls: fc.array(fc.record({ from: index, to: index, port: index, times: fc.integer({ min: 1, max: 2 }) }), {
    maxLength: 14,
  }),
  operators: fc.array(index, { maxLength: 2 }),
});

/** Any platform whose program is right: what is wrong is tested by itself. */
export const randomPlatform: fc.Arbitrary<RandomPlatform> = raw.map((drawn) => {
  const { tier, contexts, externals } = drawn;
  const unused = contexts.map((_, at) => [...(drawn.names[at] ?? [])]);
  const named = <T extends { readonly context: number }>(item: T): T & { readonly id: string } => {
    const context = item.context % contexts.length;
    return { ...item, context, id: unused[context]?.pop() ?? '' };
  };
  const services = drawn.services.map((service) => ({
    ...named(service),
    exposures: distinct(
      service.ports.length === 0
        ? []
        : service.exposures.map(({ port, to }) => ({ port: port % service.ports.length, to })),
    ),
  }));
  const caches = drawn.caches.map(named);
  const configs = drawn.configs.map((config) => {
    const placed = named(config);
    const inside = services.flatMap(({ context }, at) => (context === placed.context ? [at] : []));
    const readers = distinct(picked(inside, config.readers));
    return { ...placed, readers, apart: distinct(picked(readers, config.apart)) };
  });
  const platform = { tier, contexts, services, caches, configs, externals, calls: [], operators: [] };
  const callees = [...services, ...caches, ...externals].flatMap((_, at) =>
    portsOf(platform, at).length > 0 ? [at] : [],
  );
  const calls = drawn.calls.flatMap(({ from, to, port, times }) =>
    picked(callees, [to]).map((callee) => ({
      from: from % services.length,
      to: callee,
      port: port % portsOf(platform, callee).length,
      times,
    })),
  );
  return { ...platform, calls, operators: distinct(drawn.operators.map((at) => at % services.length)) };
});

function picked<T>(from: readonly T[], at: readonly number[]): readonly T[] {
  return from.length === 0 ? [] : at.map((one) => from[one % from.length] as T);
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

// --- program -------------------------------------------------------------------------------------------------------

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
export function programOf(data: RandomPlatform, order = 0): Program {
  return (platform) => {
    const world = new World(data, platform);
    for (const statement of shuffled(statementsOf(data, world), order)) statement();
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

  cache(at: number): RedisCache {
    return this.#once(`cache ${at}`, () => {
      const { context, id, isStored } = this.data.caches[at]!;
      const cache = new RedisCache(this.context(context), id, isStored ? { storage: Size.gibibytes(1) } : {});
      accept(cache, 'single-replica', 'It is a cache.');
      return cache;
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

function statementsOf(data: RandomPlatform, world: World): readonly Statement[] {
  return [
    ...data.contexts.map((_, at) => () => world.context(at)),
    ...data.caches.map((_, at) => () => world.cache(at)),
    ...data.externals.map((_, at) => () => world.external(at)),
    ...data.services.flatMap((service, at) => serviceStatements(service, at, world)),
    ...data.configs.flatMap(({ readers }, at) => [
      () => world.config(at),
      ...readers.map((reader) => () => world.service(reader).reads(world.config(at))),
    ]),
    ...data.calls.flatMap(({ from, to, port, times }) => {
      const options = { port: portsOf(data, to)[port]!.name, env: `ADDRESS_${to}_${port}` };
      return Array<Statement>(times).fill(() => world.service(from).calls(world.callee(to), options));
    }),
    ...data.operators.flatMap((at) => [
      () => world.service(at).accessesKubernetes({ resources: ['pods'], verbs: ['get'] }),
      () => world.service(at).accessesKubernetes({ resources: ['configmaps'], verbs: ['list'] }),
    ]),
  ];
}

function serviceStatements(service: RandomService, at: number, world: World): readonly Statement[] {
  return [
    () => world.service(at),
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

/** Fisher and Yates, by the generator mulberry32: the same order for the same number. */
export function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  if (seed === 0) return items;
  const result = [...items];
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [result[at], result[other]] = [result[other] as T, result[at] as T];
  }
  return result;
}
