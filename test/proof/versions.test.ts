import type { KubeObject, Plan } from 'ashlar';
import { makePlan } from 'ashlar/charts';
import { proof } from 'ashlar/testing/cluster';
import boutique from '../../examples/online-boutique/platform';
import shop from '../../examples/shop/platform';
import { SchemaChecker, SUPPORTED_VERSIONS } from '../../policies/schema/check';
import { changed, type Changes } from '../schema/changes';
import { autoscaler, deployment } from '../schema/manifests';
import { exampleOf, withoutOperators } from './support/examples';
import { lostFields } from './support/stored';
import { zooIn } from './support/zoo';

const POD = '/spec/template/spec';
const IMAGE = { name: 'model', image: { reference: 'registry.example.com/model:1', pullPolicy: 'Always' } };
const BY_FILE = { name: 'A', valueFrom: { fileKeyRef: { volumeName: 'tmp', path: 'a', key: 'A' } } };

function claim(): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
}

/** Fields that came after the oldest supported version: first minor that keeps it, object without it, change. */
const NEWER: readonly (readonly [field: string, since: number, make: () => object, changes: Changes])[] = [
  ['resources', 34, deployment, { [`${POD}/resources`]: { requests: { cpu: '200m' } } }],
  ['volumeAttributesClassName', 34, claim, { '/spec/volumeAttributesClassName': 'gold' }],
  ['hostnameOverride', 35, deployment, { [`${POD}/hostnameOverride`]: 'orders' }],
  ['image', 35, deployment, { [`${POD}/volumes/-`]: IMAGE }],
  ['fileKeyRef', 35, deployment, { [`${POD}/containers/0/env/-`]: BY_FILE }],
  [
    'restartPolicyRules',
    35,
    deployment,
    {
      [`${POD}/containers/0/restartPolicy`]: 'Never',
      [`${POD}/containers/0/restartPolicyRules`]: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
    },
  ],
  ['tolerance', 35, autoscaler, { '/spec/behavior': { scaleUp: { tolerance: '50m' } } }],
];

/** The plans of production and of the zoo, made for a version. */
function plansFor(kubernetes: string): readonly Plan[] {
  const remade = [
    [shop, exampleOf('shop', 'prod')],
    [boutique, exampleOf('online-boutique', 'prod')],
  ] as const;
  const plans = remade.map(([definition, { plan }]) =>
    makePlan(definition, { ...plan.environment, kubernetes }, { today: '2026-01-01' }),
  );
  return [...plans.map(withoutOperators), zooIn(kubernetes).plan];
}

/** One object of a kind, with something of it changed, in a namespace that is there. */
function changedObject(make: () => object, changes: Changes): KubeObject {
  return changed(make(), { ...changes, '/metadata/namespace': 'default' }) as KubeObject;
}

describe.each(SUPPORTED_VERSIONS)('Kubernetes %s', (version) => {
  proof(
    'as it is, or emulated',
    (cluster) => {
      const checker = new SchemaChecker({ version });
      const minor = Number(version.slice(2));

      test('is the version that was asked for', () => {
        expect(cluster().version.startsWith(`${version}.`)).toBe(true);
      });

      test.each(plansFor(version))('loses nothing of $platform', async (plan) => {
        expect(plan.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
        const applied = await cluster().apply(plan, { order: 'dependencies', refusals: 'return' });
        expect(applied.filter(({ outcome }) => outcome === 'refused').map(({ verdict }) => verdict.message)).toEqual(
          [],
        );
        expect(applied.flatMap(({ verdict }) => verdict.warnings)).toEqual([]);
        const lost = applied.flatMap(({ manifest, verdict }) => lostFields(manifest, verdict.object ?? manifest));
        // What cdk8s-plus-27 writes although it says nothing.
        expect(lost.filter((field) => !/externalIPs$|minReadySeconds$|hostNetwork$/.test(field))).toEqual([]);
      });

      test.each(NEWER)('keeps or drops %s from 1.%i on, as our check says', async (field, since, make, changes) => {
        const object = changedObject(make, changes);
        const verdict = await cluster().dryRun(object);
        const found = checker.check(object).filter(({ code }) => code === 'field-needs-newer-kubernetes');
        const kept = verdict.object !== undefined && lostFields(object, verdict.object).length === 0;
        const isNamed = found.some(({ got }) => got === field);
        expect({ kept, isNamed, found: found.length > 0 }).toEqual(
          minor >= since ? { kept: true, isNamed: false, found: false } : { kept: false, isNamed: true, found: true },
        );
      });
    },
    { controllers: false, version },
  );
});
