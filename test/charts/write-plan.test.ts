import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BoundedContext, Manifest, Microservice, Scale, chartsOf, type KubeObject, type Plan } from 'ashlar';
import { LIST_FILE, planToYaml, writePlan } from 'ashlar/charts';
import { parse, parseAllDocuments } from 'yaml';
import { planOf } from '../support/plans';

let folder: string;

beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'plan-')), 'dev');
});

afterEach(() => rmSync(path.dirname(folder), { recursive: true, force: true }));

function planWith(contexts: readonly string[], pods = 2): Plan {
  return planOf((shop) => {
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'reader' },
      rules: [],
    };
    Manifest.from(shop, 'role', role);
    for (const id of contexts) {
      const context = new BoundedContext(shop, id, { team: 't' });
      new Microservice(context, 'worker', {
        image: 'ghcr.io/acme/app:1.0.0',
        scale: Scale.fixed(pods),
        ports: { http: 8080 },
      });
    }
  });
}

const textOf = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
const objectsIn = (text: string): readonly KubeObject[] =>
  parseAllDocuments(text).map((document) => document.toJS() as KubeObject);

test('one file a chart, and a kustomization that lists them all', () => {
  writePlan(planWith(['b', 'a']), folder);
  expect(readdirSync(folder).sort()).toEqual([LIST_FILE, 'a.yaml', 'b.yaml', 'kustomization.yaml', 'shop.yaml']);
  expect(parse(textOf('kustomization.yaml'))).toEqual({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['a.yaml', 'b.yaml', 'shop.yaml'],
  });
});

test('each file holds the objects of its chart, in the order of the plan', () => {
  const plan = planWith(['b', 'a']);
  writePlan(plan, folder);
  for (const [chart, objects] of chartsOf(plan)) {
    expect(objectsIn(textOf(`${chart}.yaml`))).toEqual(objects.map(({ manifest }) => manifest));
  }
});

test('each file says that it is made, from what and for what', () => {
  writePlan(planWith(['a']), folder);
  for (const file of ['a.yaml', 'shop.yaml', 'kustomization.yaml']) {
    expect(textOf(file)).toMatch(/^# Made by ashlar from the platform shop for development\. .*\n/);
  }
});

test('a second time nothing is written, and of a change only what changed', () => {
  expect(writePlan(planWith(['a', 'b']), folder)).toEqual({ written: 4, unchanged: 0, removed: 0 });
  expect(writePlan(planWith(['b', 'a']), folder)).toEqual({ written: 0, unchanged: 4, removed: 0 });
  expect(writePlan(planWith(['a', 'b'], 3), folder)).toEqual({ written: 2, unchanged: 2, removed: 0 });
  expect(writePlan(planWith(['a'], 3), folder)).toEqual({ written: 1, unchanged: 2, removed: 1 });
});

test('the stream holds all objects in the order in which they can be applied', () => {
  const plan = planWith(['b', 'a']);
  expect(objectsIn(planToYaml(plan))).toEqual(plan.objects.map(({ manifest }) => manifest));
});

test('a context that is called as the kustomization is refused, and nothing is written', () => {
  expect(() => writePlan(planWith(['kustomization']), folder)).toThrow(/output-name-invalid/);
  expect(existsSync(folder)).toBe(false);
});
