import {
  BoundedContext,
  Element,
  Manifest,
  capability,
  declare,
  expand,
  realize,
  relate,
  relation,
  type IWorkload,
  type Piece,
  type Platform,
} from 'ashlar';
import type { Construct, IConstruct } from 'constructs';
import { planOf } from '../support/plans';

/** A topic that may have a topic for what could not be read, which is a topic, too. */
class Topic extends Element {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    declare(this, TopicFacts, { name: id });
  }
}

const TopicFacts = capability<{ readonly name: string }>('acme.topic');
const Spills = relation<IConstruct, IConstruct, { readonly depth: number }>('acme.spills', () => '');

const spill = expand('acme.spill', Spills, ({ from, to, facts: { depth } }, build) => {
  const next = build.ensure(to, 'spilled', (scope) => new Topic(scope, 'spilled'));
  if (depth > 1) build.relate(Spills, from, next, { depth: depth - 1 });
});

const describeTopic = realize('acme.describe', TopicFacts, (construct) => {
  const metadata = { name: construct.node.path.replaceAll('/', '.') };
  Manifest.from(construct, 'described', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} });
});

function describedBy(program: (context: BoundedContext) => void, ...pieces: readonly Piece[]): readonly string[] {
  const plan = planOf((platform: Platform) => program(new BoundedContext(platform, 'ordering', { team: 'orders' })), {
    extensions: [{ name: 'acme', pieces }],
  });
  return plan.objects
    .filter(({ manifest }) => manifest.kind === 'ConfigMap')
    .map(({ manifest }) => manifest.metadata.name);
}

test('what an expansion records is expanded in its turn, and what it builds is realized, until nothing is new', () => {
  const names = describedBy(
    (context) => {
      const topic = new Topic(context, 'placed');
      relate(Spills, topic, topic, { depth: 3 });
    },
    spill,
    describeTopic,
  );
  expect(names).toEqual([
    'shop.ordering.placed',
    'shop.ordering.placed.spilled',
    'shop.ordering.placed.spilled.spilled',
    'shop.ordering.placed.spilled.spilled.spilled',
  ]);
});

test('an edge that a realization records is expanded, too', () => {
  const asSaid = realize('acme.as-said', TopicFacts, (construct, { name }, build) => {
    if (name === 'placed') build.relate(Spills, construct, construct, { depth: 1 });
  });
  const names = describedBy((context) => void new Topic(context, 'placed'), asSaid, spill, describeTopic);
  expect(names).toEqual(['shop.ordering.placed', 'shop.ordering.placed.spilled']);
});

test('an edge that is said twice expands once', () => {
  const ran: string[] = [];
  const note = expand('acme.note', Spills, ({ from, to }) => void ran.push(`${from.node.id} ${to.node.id}`));
  describedBy((context) => {
    const [a, b] = [new Topic(context, 'a'), new Topic(context, 'b')];
    relate(Spills, a, b, { depth: 1 });
    relate(Spills, a, b, { depth: 1 });
    relate(Spills, b, a, { depth: 1 });
  }, note);
  expect(ran).toEqual(['a b', 'b a']);
});

test('two edges share the part that both need', () => {
  const names = describedBy(
    (context) => {
      const [a, b, placed] = ['a', 'b', 'placed'].map((id) => new Topic(context, id)) as [Topic, Topic, Topic];
      relate(Spills, a, placed, { depth: 1 });
      relate(Spills, b, placed, { depth: 1 });
    },
    spill,
    describeTopic,
  );
  expect(names.filter((name) => name.endsWith('spilled'))).toEqual(['shop.ordering.placed.spilled']);
});

test('the order of statements does not show in what was built', () => {
  const programs = [
    ['a', 'b'],
    ['b', 'a'],
  ].map((order) =>
    describedBy(
      (context) => {
        const topics = new Map(order.map((id) => [id, new Topic(context, id)]));
        for (const topic of topics.values()) relate(Spills, topic, topic, { depth: 2 });
      },
      spill,
      describeTopic,
    ),
  );
  expect(programs[0]).toHaveLength(6);
  expect(programs[1]).toEqual(programs[0]);
});

test('an expansion sees the environment and the facts of its edge', () => {
  const ran: unknown[] = [];
  const note = expand('acme.note', Spills, ({ facts, kind, source }, { environment }) => {
    ran.push([facts, kind, source.by, environment.name]);
  });
  describedBy((context) => {
    const topic = new Topic(context, 'placed');
    relate(Spills, topic as IConstruct as IWorkload, topic, { depth: 7 });
  }, note);
  expect(ran).toEqual([[{ depth: 7 }, 'acme.spills', 'placed.acme.spills(placed)', 'development']]);
});
