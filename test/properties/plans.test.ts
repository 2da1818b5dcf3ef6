import {
  BoundedContext,
  definePlatform,
  Microservice,
  patch,
  type Piece,
  type Plan,
  Platform,
  type Program,
} from 'ashlar';
import { makePlan, plainEnvironment, planToYaml } from 'ashlar/charts';
import fc from 'fast-check';
import { assemble } from '../../constructs/model/assemble';
import { groupOf } from '../../constructs/model/kube-object';
import { PIECES } from '../../constructs/pieces';
import { policies } from '../../policies';
import { randomPlatform, type RandomPlatform } from '../support/random-platform';
import { environmentOf, programOf, randomPlan } from '../support/random-program';
import { RUNS } from '../support/runs';
import { shuffled } from '../support/shuffled';

/** Any order but the first. */
const order = fc.integer({ min: 1, max: 2 ** 31 - 1 });

/** The plan that some pieces make in some order. */
function planBy(pieces: readonly Piece[], data: RandomPlatform): Plan {
  const platform = new Platform('shop');
  programOf(data)(platform, {});
  const count = (): Plan['counts'] => ({ services: 0, calls: 0 });
  return assemble(platform, { environment: environmentOf(data), pieces, count, today: '2026-01-01' });
}

test('the order of statements changes no byte', () => {
  fc.assert(
    fc.property(randomPlatform, order, (data, seed) => {
      expect(planToYaml(randomPlan(data, seed))).toBe(planToYaml(randomPlan(data)));
    }),
    RUNS,
  );
});

test('the order of derivations, contributions and expansions changes no byte', () => {
  const all = [...PIECES, ...policies([])];
  fc.assert(
    fc.property(randomPlatform, order, (data, seed) => {
      const usual = planToYaml(planBy(all, data));
      expect(planToYaml(planBy([...all].reverse(), data))).toBe(usual);
      expect(planToYaml(planBy(shuffled(all, seed), data))).toBe(usual);
    }),
    RUNS,
  );
});

test('synthesizing twice gives the same bytes', () => {
  fc.assert(
    fc.property(randomPlatform, (data) => {
      const definition = definePlatform('shop', programOf(data));
      const environment = environmentOf(data);
      const first = makePlan(definition, environment);
      const before = planToYaml(first);
      expect(planToYaml(makePlan(definition, environment))).toBe(before);
      // Writing is pure, too.
      expect(planToYaml(first)).toBe(before);
    }),
    RUNS,
  );
});

test('each object comes after what it depends on', () => {
  fc.assert(
    fc.property(randomPlatform, order, (data, seed) => {
      const { objects } = randomPlan(data, seed);
      const position = new Map(objects.map((object, at) => [object, at]));
      const late = objects.flatMap((object, at) =>
        object.dependsOn
          .filter(({ on }) => !((position.get(on) ?? Infinity) < at))
          .map(({ on }) => `${object.key} before ${on.key}`),
      );
      expect(late).toEqual([]);
      // What starts pods depends on what has to stand before the first of them, and what a program says is kept.
      for (const { dependsOn } of objects.filter(({ manifest }) => manifest.kind === 'Deployment')) {
        const kinds = dependsOn.map(({ on }) => on.manifest.kind);
        expect(kinds).toEqual(expect.arrayContaining(['Namespace', 'ServiceAccount', 'NetworkPolicy', 'LimitRange']));
      }
      const deploymentOf = (service: number): number => {
        const { context, id } = data.services[service]!;
        return objects.findIndex(({ key }) => key === `apps/Deployment/${data.contexts[context]}/${id}`);
      };
      for (const { service, on } of data.waits) expect(deploymentOf(service)).toBeGreaterThan(deploymentOf(on));
    }),
    RUNS,
  );
});

/** Kubernetes 1.36, "Object Names and IDs": most names are DNS subdomains, these are DNS labels. */
const LABELS: ReadonlySet<string> = new Set(['Namespace', 'Service']);
const LABEL = /^(?=.{1,63}$)[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

test('a right program makes no findings, and objects with valid names that differ', () => {
  fc.assert(
    fc.property(randomPlatform, (data) => {
      const { objects, findings } = randomPlan(data);
      // Services that call each other are right, but worth a word.
      expect(findings.filter(({ code }) => code !== 'synchronous-cycle')).toEqual([]);
      const names = objects.map(({ manifest: { apiVersion, kind, metadata } }) => {
        expect(metadata.name).toMatch(LABELS.has(kind) ? LABEL : SUBDOMAIN);
        if (metadata.namespace !== undefined) expect(metadata.namespace).toMatch(LABEL);
        return [groupOf(apiVersion), kind, metadata.namespace, metadata.name].join('/');
      });
      expect(new Set(names).size).toBe(names.length);
    }),
    RUNS,
  );
});

/** Statements that contradict each other and name what is not there. */
function wrongStatements(platform: Platform): readonly (() => unknown)[] {
  const context = new BoundedContext(platform, 'shop', { team: 'shop' });
  const orders = new Microservice(context, 'orders', { image: 'example.com/orders:1', ports: { http: 80 } });
  const stock = new Microservice(context, 'stock', { image: 'example.com/stock:1', ports: { http: 80, grpc: 9090 } });
  const quota = new Microservice(context, 'default-deny', { image: 'example.com/quota:1', ports: { http: 80 } });
  return [
    () => orders.calls(stock, { port: 'http', env: 'ONE' }),
    () => orders.calls(stock, { port: 'http', env: 'TWO' }),
    () => orders.calls(stock, { port: 'http', env: 'THREE' }),
    () => orders.calls(stock, { port: 'htpp' }),
    () => orders.calls(quota, { env: 'STOCK' }),
    () => orders.calls(stock, { port: 'grpc', env: 'STOCK' }),
    () => stock.calls(orders, { port: 'https' }),
    () => patch(orders, { kind: 'Secret' }, []),
  ];
}

test('the findings of a wrong program do not depend on the order of its statements or pieces', () => {
  const findingsOf = (seed: number, pieces: readonly Piece[]): Plan['findings'] => {
    const program: Program = (shop) => shuffled(wrongStatements(shop), seed).forEach((statement) => statement());
    const platform = new Platform('shop');
    program(platform, {});
    const count = (): Plan['counts'] => ({ services: 0, calls: 0 });
    const environment = plainEnvironment('dev', 'development');
    return assemble(platform, { environment, pieces, count, today: '2026-01-01' }).findings;
  };
  const usual = findingsOf(0, PIECES);
  expect(usual.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['said-twice-differently', 'two-writers', 'unknown-port']),
  );
  fc.assert(
    fc.property(order, (seed) => {
      expect(findingsOf(seed, shuffled(PIECES, seed))).toEqual(usual);
    }),
    RUNS,
  );
});
