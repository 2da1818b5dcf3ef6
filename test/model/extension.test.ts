import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BoundedContext,
  Manifest,
  Microservice,
  PodAnnotations,
  Workload,
  backEnd,
  capability,
  contribute,
  declare,
  definePlatform,
  derive,
  displayNameOf,
  expand,
  isAshlarError,
  knownSetting,
  need,
  policy,
  realize,
  relate,
  relation,
  rule,
  setting,
  type Derived,
  type Extension,
  type IWorkload,
  type PolicyFinding,
  type RuleFinding,
} from 'ashlar';
import { loadEnvironment, makePlan } from 'ashlar/charts';

/**
 * A pattern that Ashlar does not know: services write notes to a board. It brings one piece of each kind, through the
 * public API only.
 */
const Notes = relation<IWorkload, IWorkload, { readonly color: string }>('acme.notes', ({ color }) => color);
const Board = capability<{ readonly color: string }>('acme.board');

interface Pen {
  inkFor(color: string): string;
}
const PenNeed = need<Pen>('acme.pen', 'pencil');

const MaxNotes = setting<number>({
  id: 'acmeMaxNotes',
  schema: { type: 'integer', minimum: 1, maximum: 100 },
  byTier: (tier) => (tier === 'production' ? 10 : 1),
});

const acme: Extension = {
  name: 'acme',
  pieces: [
    expand('acme.boards', Notes, ({ to, facts }, build) => {
      build.ensure(to, `board-${facts.color}`, (scope) => {
        const metadata = { name: `${to.node.id}-board-${facts.color}` };
        const board = Manifest.from(scope, `board-${facts.color}`, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata,
          data: {},
        });
        declare(board, Board, facts);
        return board;
      });
    }),
    realize('acme.ink', Board, (board, { color }, build) => {
      const data = { ink: build.backEnd(PenNeed).inkFor(color) };
      const metadata = { name: `ink-${color}` };
      Manifest.from(board, 'ink', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
    }),
    contribute('acme.annotations', PodAnnotations, function* (graph) {
      for (const { from, to, facts, source } of graph.all(Notes)) {
        yield { to: from, part: { name: `acme.example/${facts.color}`, value: to.node.id }, source };
      }
    }),
    derive('acme.summary', function* (graph): Iterable<Derived> {
      for (const { construct, facts } of graph.having(Workload)) {
        const edges = graph.to(construct, Notes);
        if (edges.length === 0) continue;
        const data = { notes: String(edges.length), max: String(graph.setting(MaxNotes, construct)) };
        const metadata = { name: `${facts.name}-summary`, namespace: facts.namespace };
        yield {
          scope: construct,
          sources: edges.map(({ source }) => source),
          manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
        };
      }
    }),
    rule('acme.too-many', function* (graph): Iterable<RuleFinding> {
      for (const { construct } of graph.having(Workload)) {
        const count = graph.to(construct, Notes).length;
        const max = graph.setting(MaxNotes, construct);
        if (count > max)
          yield {
            at: construct,
            code: 'acme-too-many',
            message: 'Too many notes.',
            got: String(count),
            allowed: String(max),
          };
      }
    }),
    policy('acme.summaries', function* (objects): Iterable<PolicyFinding> {
      for (const on of objects) {
        if (!on.manifest.metadata.name.endsWith('-summary') || on.manifest.metadata.labels !== undefined) continue;
        yield { on, code: 'acme-no-labels', severity: 'warning', message: 'A summary has no labels.' };
      }
    }),
    knownSetting(MaxNotes),
    backEnd(PenNeed, 'pencil', { type: 'object', additionalProperties: false }, (): Pen => ({
      inkFor: () => 'graphite',
    })),
    backEnd(
      PenNeed,
      'fountain-pen',
      { type: 'object', properties: { maker: { type: 'string' } }, required: ['maker'], additionalProperties: false },
      ({ maker }): Pen => ({ inkFor: (color) => `${color} by ${String(maker)}` }),
    ),
  ],
};

const image = 'ghcr.io/acme/app:1.0.0';

const definition = definePlatform('shop', { extensions: [acme] }, (shop) => {
  const office = new BoundedContext(shop, 'office', { team: 'office' });
  const [ann, bob] = ['ann', 'bob'].map((id) => new Microservice(office, id, { image })) as [
    Microservice,
    Microservice,
  ];
  relate(Notes, ann, bob, { color: 'red' });
  relate(Notes, ann, bob, { color: 'red' });
  relate(Notes, ann, bob, { color: 'blue' });
});

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'extension-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function planIn(environment: string) {
  writeFileSync(path.join(folder, 'dev.yaml'), environment);
  return makePlan(definition, loadEnvironment(definition, folder, 'dev'), { trace: true });
}

const dataOf = (plan: ReturnType<typeof planIn>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    plan.objects
      .filter(({ manifest }) => manifest.kind === 'ConfigMap')
      .map(({ manifest }) => [displayNameOf(manifest), manifest['data']]),
  );

test('every piece of an extension takes part', () => {
  const plan = planIn('tier: development\n');
  expect(dataOf(plan)).toEqual({
    'ConfigMap/office/bob-board-blue': {},
    'ConfigMap/office/bob-board-red': {},
    'ConfigMap/office/ink-blue': { ink: 'graphite' },
    'ConfigMap/office/ink-red': { ink: 'graphite' },
    'ConfigMap/office/bob-summary': { notes: '2', max: '1' },
  });
  const ann = plan.objects.find(({ key }) => key === 'apps/Deployment/office/ann')?.manifest as unknown as {
    readonly spec: { readonly template: { readonly metadata: { readonly annotations: object } } };
  };
  expect(ann.spec.template.metadata.annotations).toEqual({ 'acme.example/blue': 'bob', 'acme.example/red': 'bob' });
  expect(plan.findings).toMatchObject([
    { code: 'acme-no-labels', severity: 'warning', path: 'shop/office/bob', object: 'ConfigMap/office/bob-summary' },
    { code: 'acme-too-many', severity: 'error', path: 'shop/office/bob', got: '2', allowed: '1' },
  ]);
});

test('an environment file gives its setting, by layer and by service', () => {
  const plan = planIn(
    'tier: development\nsettings: { acmeMaxNotes: 5 }\nservices: { office/ann: { settings: { acmeMaxNotes: 9 } } }\n',
  );
  expect(dataOf(plan)).toMatchObject({ 'ConfigMap/office/bob-summary': { max: '5' } });
  expect(plan.findings.map(({ code }) => code)).toEqual(['acme-no-labels']);
  const summary = plan.objects.find(({ key }) => key === '/ConfigMap/office/bob-summary');
  expect(summary?.settings).toEqual([
    { setting: 'acmeMaxNotes', construct: 'shop/office/bob', value: '5', from: 'environments/dev.yaml:2:27' },
  ]);
});

test('an environment file chooses its back end, with options', () => {
  const plan = planIn(
    'tier: development\nbackEnds: { acme.pen: { name: fountain-pen, options: { maker: Kaweco } } }\n',
  );
  expect(dataOf(plan)).toMatchObject({ 'ConfigMap/office/ink-red': { ink: 'red by Kaweco' } });
});

function findingsOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (isAshlarError(error)) return error.findings;
    throw error;
  }
  return [];
}

test('what the file says of an extension is checked like all else, with its place', () => {
  const findings = findingsOf(() =>
    planIn(
      'tier: development\nsettings: { acmeMaxNotes: 500 }\nbackEnds: { acme.pen: { name: fountain-pen, options: { makr: X } } }\n',
    ),
  );
  expect(findings.map(({ code, path: at, got }) => `${code} ${at} ${got}`)).toEqual([
    'bad-environment environments/dev.yaml:2:27 500',
    expect.stringContaining('no maker'),
    'bad-environment environments/dev.yaml:3:56 makr',
  ]);
});

test('without the extension its setting and need are unknown', () => {
  writeFileSync(
    path.join(folder, 'dev.yaml'),
    'tier: development\nsettings: { acmeMaxNotes: 5 }\nbackEnds: { acme.pen: { name: pencil } }\n',
  );
  const plain = definePlatform('shop', () => undefined);
  expect(findingsOf(() => loadEnvironment(plain, folder, 'dev')).map(({ code, got }) => `${code} ${got}`)).toEqual([
    'bad-environment acmeMaxNotes',
    'bad-environment acme.pen',
  ]);
});

test.each([
  ['an extension that is named twice', [acme, acme]],
  ['a piece that has the name of one of Ashlar’s', [{ name: 'other', pieces: [derive('workloads', () => [])] }]],
])('%s is refused', (_what, extensions) => {
  const twice = definePlatform('shop', { extensions }, () => undefined);
  writeFileSync(path.join(folder, 'dev.yaml'), 'tier: development\n');
  expect(findingsOf(() => loadEnvironment(twice, folder, 'dev'))).toMatchObject([{ code: 'duplicate-piece' }]);
});
