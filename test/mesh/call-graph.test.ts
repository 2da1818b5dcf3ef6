import {
  Auth,
  BoundedContext,
  Bulkhead,
  Duration,
  Microservice,
  Percent,
  Phase,
  Retry,
  Scale,
  StranglerFig,
  type CallOptions,
  type Finding,
  type Graph,
} from 'ashlar';
import { Construct } from 'constructs';
import fc from 'fast-check';
import { graphRules } from '../../constructs/derive/resilience/graph-rules';
import { gatewayPlan } from '../support/gateways';
import { meshPlanOf } from '../support/meshes';

const image = 'registry.example.com/it:1';
const seconds = (amount: number): CallOptions => ({ timeout: Duration.seconds(amount) });
const retrying = (attempts: number): CallOptions => ({ ...seconds(9), retry: Retry.attempts(attempts) });

/** Services that call each other: `['a', 'b', options]`. Findings of a code. */
function findingsOf(code: string, calls: readonly (readonly [string, string, CallOptions])[]): readonly Finding[] {
  const plan = meshPlanOf((shop) => {
    const context = new BoundedContext(shop, 'x', { team: 'x' });
    const names = [...new Set(calls.flatMap(([from, to]) => [from, to]))];
    const services = new Map(names.map((id) => [id, new Microservice(context, id, { image, ports: { http: 80 } })]));
    for (const [from, to, options] of calls) services.get(from)?.calls(services.get(to)!, options);
  });
  return plan.findings.filter((finding) => finding.code === code);
}

test('a caller that gives up before its callee does is told, with the chain', () => {
  const [found, ...others] = findingsOf('timeout-inversion', [
    ['a', 'b', seconds(2)],
    ['b', 'c', {}],
    ['c', 'd', seconds(5)],
    ['b', 'd', seconds(1)],
  ]);
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    path: 'shop/x/a',
    got: 'x/a → x/b (2 s) → x/c → x/d (5 s)',
    allowed: 'at least 5 s, the worst case of the callee',
  });
});

test('a gateway that gives up before its service does is told, with the chain', () => {
  const found = (routeSeconds: number): readonly Finding[] => {
    const plan = gatewayPlan(({ context, edge, orders }) => {
      const stock = new Microservice(context, 'stock', { image, ports: { http: 80 } });
      const next = new Microservice(context, 'next', { image, ports: { http: 80 } }).calls(stock, seconds(5));
      const one = { auth: Auth.none('Anybody may look.'), timeout: Duration.seconds(routeSeconds) };
      edge.route('/next', next, one);
      new StranglerFig(context, 'fig', { gateway: edge, legacy: orders, ...one })
        .moves('/copies', next, Phase.shadow(), { methods: ['GET'] })
        .moves('/shares', next, Phase.weighted(Percent.of(1)));
    });
    return plan.findings.filter(({ code }) => code === 'timeout-inversion');
  };
  expect(found(5)).toEqual([]);
  const got = 'shop/edge → shop/next (1 s) → shop/stock (5 s)';
  expect(found(1)).toMatchObject([
    { path: 'shop/shop/edge', field: 'route /next: timeout', got },
    { path: 'shop/shop/edge', field: 'route /shares: timeout', got },
  ]);
});

test('timeouts that shrink along the chain are well', () => {
  expect(
    findingsOf('timeout-inversion', [
      ['a', 'b', seconds(5)],
      ['b', 'c', seconds(5)],
      ['c', 'd', seconds(1)],
    ]),
  ).toEqual([]);
});

test('retries that multiply are told once, at the start of the chain, with the factor', () => {
  const [found, ...others] = findingsOf('retry-amplification', [
    ['a', 'b', retrying(2)],
    ['b', 'c', seconds(1)],
    ['c', 'd', retrying(1)],
    ['b', 'd', seconds(1)],
  ]);
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    path: 'shop/x/a',
    got: 'x/a → x/b (x3) → x/c (x1) → x/d (x2): one request becomes up to 6',
    allowed: 'up to 4 (setting mostTries)',
  });
});

test('retries at one place of a chain are well, and so are few at two', () => {
  expect(
    findingsOf('retry-amplification', [
      ['a', 'b', retrying(9)],
      ['b', 'c', seconds(1)],
    ]),
  ).toEqual([]);
  expect(
    findingsOf('retry-amplification', [
      ['a', 'b', retrying(1)],
      ['b', 'c', retrying(1)],
    ]),
  ).toEqual([]);
});

test('a circle is told with its calls, and each circle once', () => {
  const found = findingsOf('synchronous-cycle', [
    ['a', 'b', seconds(1)],
    ['b', 'c', seconds(1)],
    ['c', 'a', seconds(1)],
    ['c', 'd', seconds(1)],
    ['d', 'd', seconds(1)],
  ]);
  expect(found.map(({ path, got }) => [path, got])).toEqual([['shop/x/a', 'x/a → x/b → x/c → x/a']]);
});

test('of many circles one of the shortest is told, and how many more services are in one', () => {
  const found = findingsOf('synchronous-cycle', [
    ['a', 'b', seconds(1)],
    ['b', 'c', seconds(1)],
    ['c', 'a', seconds(1)],
    ['a', 'd', seconds(1)],
    ['d', 'a', seconds(1)],
    ['e', 'f', seconds(1)],
    ['f', 'e', seconds(1)],
  ]);
  expect(found.map(({ path, got }) => [path, got])).toEqual([
    ['shop/x/a', 'x/a → x/d → x/a, and 2 more that are in circles with these'],
    ['shop/x/e', 'x/e → x/f → x/e'],
  ]);
});

test('who waits without end is told where a mesh could see to it', () => {
  expect(findingsOf('no-timeout', [['a', 'b', {}]])).toMatchObject([{ path: 'shop/x/a', field: 'calls x/b: timeout' }]);
  expect(findingsOf('no-timeout', [['a', 'b', seconds(1)]])).toEqual([]);
});

test('the pools of all pods of all callers are compared with what all pods of the callee admit', () => {
  const plan = (callerPods: number) =>
    meshPlanOf((shop) => {
      const context = new BoundedContext(shop, 'x', { team: 'x' });
      const callee = new Microservice(context, 'callee', { image, ports: { http: 80 }, scale: Scale.fixed(2) });
      callee.admits(Bulkhead.of({ maxRequests: 100 }));
      for (const id of ['a', 'b']) {
        const caller = new Microservice(context, id, { image, scale: Scale.between(1, callerPods) });
        caller.calls(callee, { ...seconds(1), bulkhead: Bulkhead.of({ maxRequests: 20 }) });
      }
    });
  expect(plan(5).findings).toEqual([]);
  expect(plan(6).findings).toMatchObject([
    {
      code: 'pools-above-admission',
      path: 'shop/x/callee',
      got: 'x/a 6 x 20, x/b 6 x 20: 240 requests',
      allowed: '200: 2 pods x 100',
    },
  ]);
});

test('the order of calls changes nothing', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const call = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names), fc.integer({ min: 1, max: 9 }));
  const calls = fc.uniqueArray(call, { selector: ([from, to]) => `${from} ${to}`, maxLength: 12 });
  fc.assert(
    fc.property(calls, fc.infiniteStream(fc.nat()), (all, keys) => {
      const said = all.map(([from, to, amount]) => [from, to, retrying(amount)] as const);
      const shuffled = said
        .map((one) => ({ one, key: keys.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ one }) => one);
      for (const code of ['timeout-inversion', 'retry-amplification', 'synchronous-cycle']) {
        expect(findingsOf(code, shuffled)).toEqual(findingsOf(code, said));
      }
    }),
    { seed: 20260101, numRuns: 25 },
  );
});

/** A graph that has calls and nothing else, so that only the checks are measured. */
function graphOf(calls: readonly (readonly [number, number])[], count: number): Graph {
  const root = new Construct(undefined as never, '');
  const services = Array.from({ length: count }, (_, index) => new Construct(root, `s${index}`));
  const edges = calls.map(([from, to]) => ({ from: services[from], to: services[to], facts: retryingFacts, source }));
  const views = new Map<string, unknown>();
  const graph = {
    all: ({ id }: { id: string }) => (id === 'calls' ? edges : []),
    having: () => [],
    to: () => [],
    facts: () => ({ ports: [{ name: 'http', number: 80, containerPort: 80, protocol: 'http' }] }),
    setting: () => 4,
    backEnd: () => ({ can: new Set(['timeout']) }),
    view: ({ id, compute }: { id: string; compute: (of: unknown) => unknown }) => {
      if (!views.has(id)) views.set(id, compute(graph));
      return views.get(id);
    },
  };
  return graph as unknown as Graph;
}

const source = { by: 'a test', at: 'here' };
const retryingFacts = { port: '', env: {}, resilience: { timeoutMs: 1000, retry: { attempts: 1, on: [] } } };

test('ten thousand services are checked in a second, however deep and however many ways', () => {
  const count = 10_000;
  // A chain of all, each also calling one further on: more ways from its start to its end than there are atoms.
  const calls = Array.from({ length: count }, (_, index): [number, number][] => [
    [index, index + 1],
    [index, index + 7],
  ]).flat();
  const graph = graphOf(
    calls.filter(([, to]) => to < count),
    count,
  );
  const start = performance.now();
  const codes = graphRules.flatMap((one) => [...one.run(graph)].map(({ code }) => code));
  expect(performance.now() - start).toBeLessThan(1000);
  expect(codes).toEqual(['retry-amplification']);
});
