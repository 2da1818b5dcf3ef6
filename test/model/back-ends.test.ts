import {
  BoundedContext,
  Microservice,
  RedisCache,
  RedisNeed,
  backEnd,
  capability,
  declare,
  derive,
  isAshlarError,
  need,
  realize,
  type BackEndChoice,
  type Piece,
  type Platform,
  type RedisBackEnd,
} from 'ashlar';
import { codesOf, objectOf, planOf } from '../support/plans';

interface Paint {
  readonly color: string;
}

const PaintNeed = need<Paint>('acme.paint', 'plain');
const made: string[] = [];

const plain = backEnd(PaintNeed, 'plain', { type: 'object' }, () => {
  made.push('plain');
  return { color: 'white' };
});
const colored = backEnd(PaintNeed, 'colored', { type: 'object' }, ({ color }) => ({ color: String(color) }));

const painted: string[] = [];
const paintTwice = derive('acme.painter', (graph) => {
  painted.push(graph.backEnd(PaintNeed).color, graph.backEnd(PaintNeed).color);
  return [];
});

function run(choice: Readonly<Record<string, BackEndChoice>>, ...pieces: readonly Piece[]) {
  made.length = 0;
  painted.length = 0;
  return planOf(() => undefined, {
    extensions: [{ name: 'acme', pieces: [paintTwice, ...pieces] }],
    environment: { backEnds: choice },
  });
}

test('where the environment names none, the need’s own choice serves, and is made once', () => {
  run({}, plain, colored);
  expect(painted).toEqual(['white', 'white']);
  expect(made).toEqual(['plain']);
});

test('the environment chooses another one and gives it options', () => {
  run(
    { 'acme.paint': { name: 'colored', options: { color: 'blue' }, at: 'environments/prod.yaml:3:3' } },
    plain,
    colored,
  );
  expect(painted).toEqual(['blue', 'blue']);
  expect(made).toEqual([]);
});

function findingOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (isAshlarError(error)) return error.findings[0];
    throw error;
  }
  return undefined;
}

test('a back end that nobody brings is an error with the place in the file and what there is', () => {
  const choice = { name: 'gold', options: {}, at: 'environments/prod.yaml:3:3' };
  expect(findingOf(() => run({ 'acme.paint': choice }, plain, colored))).toMatchObject({
    code: 'unknown-back-end',
    path: 'environments/prod.yaml:3:3',
    got: 'gold',
    allowed: 'plain, colored',
  });
});

test('a need that nothing serves names the environment', () => {
  expect(findingOf(() => run({}))).toMatchObject({
    code: 'unknown-back-end',
    path: 'environment development',
    got: 'plain',
  });
});

test('a back end of an extension stands in for Ashlar’s own', () => {
  const notes = capability<{ readonly url: string }>('acme.notes');
  const bought = backEnd(RedisNeed, 'bought', { type: 'object' }, ({ url }): RedisBackEnd => ({
    realize: (construct) => declare(construct, notes, { url: String(url) }),
  }));
  const notesOut = derive('acme.notes', function* (graph) {
    for (const { construct, facts } of graph.having(notes)) {
      const metadata = { name: construct.node.id, namespace: 'cart' };
      yield { scope: construct, manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { url: facts.url } } };
    }
  });
  const carts = (shop: Platform): void => {
    const context = new BoundedContext(shop, 'cart', { team: 'carts' });
    new Microservice(context, 'cartservice', { image: 'example.com/carts:1' }).owns(new RedisCache(context, 'carts'));
  };
  const plan = planOf(carts, {
    extensions: [{ name: 'acme', pieces: [bought, notesOut] }],
    environment: { backEnds: { redis: { name: 'bought', options: { url: 'redis.example.com' }, at: 'x' } } },
  });
  expect(codesOf(plan)).toEqual([]);
  expect(objectOf(plan, 'ConfigMap/cart/carts')['data']).toEqual({ url: 'redis.example.com' });
  const kinds = plan.objects
    .filter(({ construct }) => construct.endsWith('/carts'))
    .map(({ manifest }) => manifest.kind);
  expect(kinds).toEqual(['ConfigMap']);
});

test('a realization is asked for the back end once a construct', () => {
  const Thing = capability<{ readonly size: number }>('acme.thing');
  const ran: string[] = [];
  const real = realize('acme.thing', Thing, (construct, { size }, build) => {
    ran.push(`${construct.node.id} ${size} ${build.backEnd(PaintNeed).color} ${build.environment.tier}`);
  });
  planOf(
    (shop) => {
      for (const [index, id] of ['a', 'b'].entries())
        declare(new BoundedContext(shop, id, { team: 't' }), Thing, { size: index });
    },
    { extensions: [{ name: 'acme', pieces: [real, plain] }] },
  );
  expect(ran).toEqual(['a 0 white development', 'b 1 white development']);
});
