import {
  BoundedContext,
  Microservice,
  Workload,
  contribute,
  derive,
  facet,
  isAshlarError,
  rule,
  view,
  viewOf,
  type Graph,
  type Piece,
  type View,
} from 'ashlar';
import { planOf } from '../support/plans';

function run(...pieces: readonly Piece[]) {
  return planOf(
    (platform) => {
      const context = new BoundedContext(platform, 'ordering', { team: 'orders' });
      for (const name of ['b', 'a', 'c']) new Microservice(context, name, { image: 'ghcr.io/acme/app:1.0.0' });
    },
    { extensions: [{ name: 'acme', pieces }] },
  );
}

function errorOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (isAshlarError(error)) return error.findings[0];
    throw error;
  }
  return undefined;
}

test('a view is computed once, however many ask', () => {
  let computed = 0;
  const count = view('acme.count', (graph) => {
    computed += 1;
    return graph.having(Workload).length;
  });
  const answers: number[] = [];
  const ask = (graph: Graph): readonly never[] => {
    answers.push(graph.view(count), graph.view(count));
    return [];
  };
  run(derive('acme.first', ask), rule('acme.second', ask));
  expect(answers).toEqual([3, 3, 3, 3]);
  expect(computed).toBe(1);
});

test('a view of a subject is computed once a subject', () => {
  const computed: string[] = [];
  const nameOf = viewOf('acme.name', (_graph, { node }: { readonly node: { readonly id: string } }) => {
    computed.push(node.id);
    return node.id.toUpperCase();
  });
  const answers: string[] = [];
  const ask = (graph: Graph): readonly never[] => {
    for (const { construct } of graph.having(Workload)) answers.push(graph.viewOf(nameOf, construct));
    return [];
  };
  run(derive('acme.first', ask), derive('acme.second', ask));
  expect(computed).toEqual(['a', 'b', 'c']);
  expect(answers).toEqual(['A', 'B', 'C', 'A', 'B', 'C']);
});

test('views that need each other are an error that names the way', () => {
  const egg: View<number> = view('acme.egg', (graph) => graph.view(hen));
  const hen: View<number> = view('acme.hen', (graph) => graph.view(egg));
  const start = view('acme.start', (graph) => graph.view(egg));
  const ask = derive('acme.ask', (graph) => {
    graph.view(start);
    return [];
  });
  expect(errorOf(() => run(ask))).toMatchObject({ code: 'cycle-of-views', got: 'acme.egg → acme.hen → acme.egg' });
});

test('a facet whose parts need the facet is such an error, too', () => {
  const wheels = facet<{ readonly name: string }>('acme.wheels', ({ name }) => name);
  const give = contribute('acme.give', wheels, (graph) => {
    graph.collect(wheels, graph.root);
    return [];
  });
  const ask = derive('acme.ask', (graph) => {
    graph.collect(wheels, graph.root);
    return [];
  });
  expect(errorOf(() => run(give, ask))).toMatchObject({
    code: 'cycle-of-views',
    got: 'facet acme.wheels → facet acme.wheels',
  });
});
