import type { Tier } from 'ashlar';
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
  /** Services that are told to come after others (`node.addDependency`), never in a circle. */
  readonly waits: readonly { readonly service: number; readonly on: number }[];
}

export interface RandomService {
  readonly context: number;
  readonly id: string;
  readonly ports: readonly RandomPort[];
  readonly isScaled: boolean;
  readonly isHeadlessToo: boolean;
  /** `once` and `daily` are tasks: nobody calls them. */
  readonly runs: 'on' | 'once' | 'daily';
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
const REDIS: RandomPort = { name: 'redis', number: 6379, container: 6379, isUdp: false };

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

/** Names that sort, join and fit badly: prefixes of each other, hyphens, digits, the longest that there may be. */
const NAMES = ['a', 'aa', 'ab', 'a-b', 'a0', 'b', 'b-a', 'i', 'y', 'z', 'zz', 'orders', 'l'.repeat(50), 'm'.repeat(63)];
/** Longest name of a task: its Jobs add a dash and ten characters. */
const TASK_NAME = 52;
/** Longest name of a StatefulSet: its pods carry it in a label, with a hash of ten characters (controller-revision-hash). */
const STATEFUL_SET_NAME = 52;
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
      runs: fc.constantFrom('on' as const, 'on' as const, 'once' as const, 'daily' as const),
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
  waits: fc.array(fc.record({ service: index, on: index }), { maxLength: 2 }),
});

/** Any platform whose program is right: what is wrong is tested by itself. */
export const randomPlatform: fc.Arbitrary<RandomPlatform> = raw.map((drawn) => {
  const { tier, contexts, externals } = drawn;
  const unused = contexts.map((_, at) => [...(drawn.names[at] ?? [])]);
  const named = <T extends { readonly context: number }>(item: T): T & { readonly id: string } => {
    const context = item.context % contexts.length;
    return { ...item, context, id: unused[context]?.pop() ?? '' };
  };
  const services = drawn.services
    .map(named)
    .map(withoutPorts)
    .map((service) => ({
      ...service,
      exposures: distinct(
        service.ports.length === 0
          ? []
          : service.exposures.map(({ port, to }) => ({ port: port % service.ports.length, to })),
      ),
    }));
  const caches = drawn.caches.map(named).map((cache) => ({
    ...cache,
    isStored: cache.isStored && cache.id.length <= STATEFUL_SET_NAME,
  }));
  const configs = drawn.configs.map((config) => {
    const placed = named(config);
    const inside = services.flatMap(({ context }, at) => (context === placed.context ? [at] : []));
    const readers = distinct(picked(inside, config.readers));
    return { ...placed, readers, apart: distinct(picked(readers, config.apart)) };
  });
  const platform = { tier, contexts, services, caches, configs, externals, calls: [], operators: [], waits: [] };
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
  // The later in the list waits for the earlier, so that there is no circle; their names are in any order.
  const waits = drawn.waits.flatMap(({ service, on }) => {
    const last = service % services.length;
    return last === 0 ? [] : [{ service: last, on: on % last }];
  });
  return { ...platform, calls, waits, operators: distinct(drawn.operators.map((at) => at % services.length)) };
});

/** A task listens on no port. A name that is too long for one is that of a service. */
function withoutPorts<T extends Pick<RandomService, 'id' | 'ports' | 'runs'>>(service: T): T {
  if (service.runs === 'on') return service;
  return service.id.length > TASK_NAME ? { ...service, runs: 'on' } : { ...service, ports: [] };
}

function picked<T>(from: readonly T[], at: readonly number[]): readonly T[] {
  return from.length === 0 ? [] : at.map((one) => from[one % from.length] as T);
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
