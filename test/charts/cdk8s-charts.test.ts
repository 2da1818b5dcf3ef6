import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BoundedContext,
  Manifest,
  Microservice,
  chartsOf,
  definePlatform,
  isAshlarError,
  type KubeObject,
  type Program,
} from 'ashlar';
import { addToApp, makePlan, plainEnvironment } from 'ashlar/charts';
import { App, Testing } from 'cdk8s';
import { parseAllDocuments } from 'yaml';

const environment = plainEnvironment('dev', 'development');
const image = 'ghcr.io/acme/app:1.0.0';

const two: Program = (shop) => {
  const [ordering, billing] = ['ordering', 'billing'].map((id) => new BoundedContext(shop, id, { team: 't' })) as [
    BoundedContext,
    BoundedContext,
  ];
  const payments = new Microservice(billing, 'payments', { image, ports: { grpc: 9090 } });
  new Microservice(ordering, 'orders', { image, ports: { http: 8080 } }).calls(payments, { env: 'PAYMENTS' });
};

/** Objects by key, as both sides write them: fields in any order, those without a value left out. */
const byKey = (objects: readonly unknown[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    (JSON.parse(JSON.stringify(objects)) as readonly KubeObject[]).map((object) => [
      `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`,
      object,
    ]),
  );

let outdir: string;

beforeEach(() => {
  outdir = mkdtempSync(path.join(tmpdir(), 'cdk8s-'));
});

afterEach(() => rmSync(outdir, { recursive: true, force: true }));

const manifestsOf = (program: Program): ReadonlyMap<string, readonly KubeObject[]> => {
  const charts = chartsOf(makePlan(definePlatform('shop', program), environment));
  return new Map([...charts].map(([id, objects]) => [id, objects.map(({ manifest }) => manifest)]));
};

test('each chart gives the plan’s objects to Testing.synth', () => {
  const charts = addToApp(new App({ outdir }), definePlatform('shop', two), environment);
  const planned = manifestsOf(two);
  expect(charts.map(({ node }) => node.id)).toEqual(['billing', 'ordering']);
  for (const chart of charts)
    expect(byKey(Testing.synth(chart) as object[])).toEqual(byKey(planned.get(chart.node.id) ?? []));
});

test('app.synth writes one file a chart, each object after what it needs', () => {
  const app = new App({ outdir });
  addToApp(app, definePlatform('shop', two), environment);
  app.synth();
  const written = readdirSync(outdir).flatMap((file) =>
    parseAllDocuments(readFileSync(path.join(outdir, file), 'utf8')).map((document) => document.toJS() as KubeObject),
  );
  expect(readdirSync(outdir).sort()).toEqual(['billing.k8s.yaml', 'ordering.k8s.yaml']);
  expect(byKey(written)).toEqual(byKey([...manifestsOf(two).values()].flat()));
  const kinds = written
    .filter(({ metadata }) => metadata.namespace === 'ordering' || metadata.name === 'ordering')
    .map(({ kind }) => kind);
  expect(kinds.indexOf('Namespace')).toBe(0);
  expect(kinds.indexOf('NetworkPolicy')).toBeLessThan(kinds.indexOf('Deployment'));
});

test('what stands directly in the platform is a chart of its own', () => {
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'reader' },
    rules: [],
  };
  const program: Program = (shop) => void Manifest.from(shop, 'role', role);
  const charts = addToApp(new App({ outdir }), definePlatform('shop', program), environment);
  expect(charts.map((chart) => Testing.synth(chart) as object[])).toEqual([[role]]);
});

test('errors are thrown, all of them, before anything is made', () => {
  const app = new App({ outdir });
  const bad: Program = (shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 't' });
    new Microservice(context, 'Orders', { image: '' });
  };
  expect.assertions(2);
  try {
    addToApp(app, definePlatform('shop', bad), environment);
  } catch (error) {
    const codes = isAshlarError(error) ? error.findings.map(({ code }) => code) : [];
    expect(codes).toEqual(expect.arrayContaining(['bad-name', 'bad-image']));
  }
  expect(app.node.children).toEqual([]);
});

test('no object of a chart waits for another: the search of cdk8s for an order costs more with each link of a chain', () => {
  const app = new App({ outdir });
  const [chart] = addToApp(app, definePlatform('shop', two), environment);
  expect(chart?.node.findAll().flatMap((construct) => construct.node.dependencies)).toEqual([]);
});
