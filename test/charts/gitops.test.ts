import {
  Backup,
  BoundedContext,
  Config,
  Key,
  Manifest,
  Microservice,
  RedisStore,
  Scale,
  Size,
  accept,
  derive,
  type Derived,
  type GitOpsTarget,
  type Plan,
  type PlannedObject,
  type Platform,
} from 'ashlar';
import { argocd, flux } from 'ashlar/charts';
import fc from 'fast-check';
import { wavesOf } from '../../charts/gitops/waves';
import { allExamples } from '../proof/support/examples';
import { planOf, type PlanOptions } from '../support/plans';
import { randomPlatform } from '../support/random-platform';
import { randomPlan } from '../support/random-program';
import { RUNS } from '../support/runs';

const target: GitOpsTarget = {
  repository: 'https://github.com/acme/shop-deploy.git',
  revision: 'main',
  path: 'k8s/prod',
  project: 'default',
  destinations: [],
};
const [eu, us] = ['eu', 'us'].map((name) => ({ name, server: `https://${name}.example.com` }));

const image = 'ghcr.io/acme/orders:1.4.2';

function program(platform: Platform): { readonly ordering: BoundedContext; readonly billing: BoundedContext } {
  const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
  const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
  const carts = new RedisStore(ordering, 'carts', {
    storage: Size.gibibytes(1),
    access: 'network',
    backup: Backup.daily(),
  });
  accept(carts, 'single-replica', 'It is a cache.');
  const limits = new Config(ordering, 'limits', { schema: { MAX: Key.integer() }, values: { MAX: 5 } });
  const orders = new Microservice(ordering, 'orders', { image, ports: { http: 80 }, scale: Scale.between(3, 9) });
  orders.reads(limits).calls(carts, { env: 'CARTS' });
  return { ordering, billing };
}

function plan(
  gitops: GitOpsTarget = target,
  more: PlanOptions = {},
  say = program as (platform: Platform) => void,
): Plan {
  return planOf((platform) => say(platform), {
    tier: 'production',
    environment: { gitops, zones: ['a', 'b'] },
    ...more,
  });
}

// Objects of a tool have a shape that the test knows.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

function annotationsOf(made: Plan, tool: typeof argocd, display: string): Readonly<Record<string, string>> {
  const files = tool(made);
  const object = made.objects.find(({ manifest: { kind, metadata } }) => `${kind}/${metadata.name}` === display);
  return files.annotate(object as PlannedObject).metadata.annotations ?? {};
}

/** Objects that are applied before something that they need, or with it although they would be waited for. */
function tooEarly({ objects }: Plan, waves: ReadonlyMap<PlannedObject, number>): readonly string[] {
  return objects.flatMap((object) =>
    object.dependsOn
      .filter(({ on }) => {
        const least = (waves.get(on) ?? NaN) + (on.manifest.kind === 'PersistentVolumeClaim' ? 0 : 1);
        return !((waves.get(object) ?? NaN) >= least);
      })
      .map(({ on }) => `${object.key} with or before ${on.key}`),
  );
}

describe('waves', () => {
  test('respect the order of any plan', () => {
    fc.assert(
      fc.property(randomPlatform, (data) => {
        const made = randomPlan(data);
        expect(tooEarly(made, wavesOf(made))).toEqual([]);
      }),
      RUNS,
    );
  });

  test.each(allExamples())('of $name in $environment are few', (example) => {
    const waves = wavesOf(example.plan);
    expect(tooEarly(example.plan, waves)).toEqual([]);
    expect(Math.max(...waves.values())).toBeLessThan(6);
  });

  test('let a claim bind with its pods: nobody waits for it first', () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'reader' },
      spec: {
        containers: [{ name: 'reader', image }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      },
    };
    const made = plan(target, {}, (platform) => {
      Manifest.from(new BoundedContext(platform, 'ordering', { team: 'orders' }), 'raw', [claim, pod]);
    });
    const waves = new Map([...wavesOf(made)].map(([{ manifest }, wave]) => [manifest.kind, wave]));
    expect(waves.get('Pod')).toBeGreaterThanOrEqual(waves.get('PersistentVolumeClaim') ?? Infinity);
    expect(waves.get('Pod')).toBe(2);
  });
});

describe('Argo CD', () => {
  test('gets an Application that leaves what controllers write alone', () => {
    expect(argocd(plan()).objects).toMatchInlineSnapshot(`
      [
        {
          "apiVersion": "argoproj.io/v1alpha1",
          "kind": "Application",
          "metadata": {
            "labels": {
              "app.kubernetes.io/managed-by": "ashlar",
              "app.kubernetes.io/part-of": "shop",
            },
            "name": "shop-production",
            "namespace": "argocd",
          },
          "spec": {
            "destination": {
              "server": "https://kubernetes.default.svc",
            },
            "ignoreDifferences": [
              {
                "group": "apps",
                "jsonPointers": [
                  "/spec/replicas",
                ],
                "kind": "Deployment",
                "name": "orders",
                "namespace": "ordering",
              },
            ],
            "project": "default",
            "source": {
              "path": "k8s/prod",
              "repoURL": "https://github.com/acme/shop-deploy.git",
              "targetRevision": "main",
            },
            "syncPolicy": {
              "automated": {
                "prune": true,
                "selfHeal": true,
              },
              "retry": {
                "backoff": {
                  "duration": "5s",
                  "factor": 2,
                  "maxDuration": "3m",
                },
                "limit": 5,
              },
              "syncOptions": [
                "ServerSideApply=true",
                "RespectIgnoreDifferences=true",
                "PruneLast=true",
              ],
            },
          },
        },
      ]
    `);
  });

  test('gets an ApplicationSet for several clusters', () => {
    const [set] = argocd(plan({ ...target, destinations: [eu!, us!] })).objects as Loose[];
    expect(set.kind).toBe('ApplicationSet');
    expect(set.spec.generators).toEqual([{ list: { elements: [eu, us] } }]);
    expect(set.spec.template.metadata.name).toBe('shop-production-{{.name}}');
    expect(set.spec.template.spec.destination).toEqual({ server: '{{.server}}' });
    expect(set.spec.syncPolicy).toEqual({ preserveResourcesOnDeletion: true });
    const [byName] = argocd(plan({ ...target, destinations: [eu!, { name: 'us' }] })).objects as Loose[];
    expect(byName.spec.template.spec.destination).toEqual({ name: '{{.name}}' });
    expect(byName.spec.generators).toEqual([{ list: { elements: [{ name: 'eu' }, { name: 'us' }] } }]);
  });

  test('goes to the one cluster that is named', () => {
    const [one] = argocd(plan({ ...target, destinations: [eu!] })).objects as Loose[];
    expect([one.kind, one.spec.destination]).toEqual(['Application', { server: 'https://eu.example.com' }]);
  });

  test('is told the wave of each object, and what it must not delete', () => {
    const of = (display: string) => annotationsOf(plan(), argocd, display);
    expect(of('Namespace/ordering')).toEqual({
      'argocd.argoproj.io/sync-wave': '0',
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
    });
    expect(of('StatefulSet/carts')['argocd.argoproj.io/sync-options']).toBe('Prune=false,Delete=false');
    expect(of('Deployment/orders')).toEqual({ 'argocd.argoproj.io/sync-wave': '2' });
    expect(of('HorizontalPodAutoscaler/orders')).toEqual({ 'argocd.argoproj.io/sync-wave': '3' });
    expect(of('Namespace/billing')).toEqual({ 'argocd.argoproj.io/sync-wave': '0' });
  });
});

describe('Flux', () => {
  test('gets a repository and one Kustomization a chart', () => {
    expect(flux(plan()).objects).toMatchInlineSnapshot(`
      [
        {
          "apiVersion": "source.toolkit.fluxcd.io/v1",
          "kind": "GitRepository",
          "metadata": {
            "labels": {
              "app.kubernetes.io/managed-by": "ashlar",
              "app.kubernetes.io/part-of": "shop",
            },
            "name": "shop-production",
            "namespace": "flux-system",
          },
          "spec": {
            "interval": "10m",
            "ref": {
              "branch": "main",
            },
            "url": "https://github.com/acme/shop-deploy.git",
          },
        },
        {
          "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
          "kind": "Kustomization",
          "metadata": {
            "labels": {
              "app.kubernetes.io/managed-by": "ashlar",
              "app.kubernetes.io/part-of": "shop",
            },
            "name": "shop-production-billing",
            "namespace": "flux-system",
          },
          "spec": {
            "interval": "10m",
            "path": "./k8s/prod/billing",
            "prune": true,
            "sourceRef": {
              "kind": "GitRepository",
              "name": "shop-production",
            },
            "timeout": "10m",
            "wait": true,
          },
        },
        {
          "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
          "kind": "Kustomization",
          "metadata": {
            "labels": {
              "app.kubernetes.io/managed-by": "ashlar",
              "app.kubernetes.io/part-of": "shop",
            },
            "name": "shop-production-ordering",
            "namespace": "flux-system",
          },
          "spec": {
            "interval": "10m",
            "path": "./k8s/prod/ordering",
            "prune": true,
            "sourceRef": {
              "kind": "GitRepository",
              "name": "shop-production",
            },
            "timeout": "10m",
            "wait": true,
          },
        },
      ]
    `);
  });

  test('waits for the charts whose objects a chart needs', () => {
    const made = plan(target, {}, (platform) => {
      const { ordering, billing } = program(platform);
      billing.node.addDependency(ordering);
    });
    const [, billing, ordering] = flux(made).objects as Loose[];
    expect(billing.spec.dependsOn).toEqual([{ name: 'shop-production-ordering' }]);
    expect(ordering.spec.dependsOn).toBeUndefined();
    expect(flux(made).findings).toEqual([]);
  });

  test('reaches each cluster by its kubeconfig', () => {
    const objects = flux(plan({ ...target, destinations: [eu!, { name: 'us', kubeConfigSecret: 'us-access' }] }))
      .objects as Loose[];
    expect(objects.map(({ metadata, spec }) => [metadata.name, spec.kubeConfig?.secretRef.name])).toEqual([
      ['shop-production', undefined],
      ['shop-production-eu-billing', 'eu-kubeconfig'],
      ['shop-production-eu-ordering', 'eu-kubeconfig'],
      ['shop-production-us-billing', 'us-access'],
      ['shop-production-us-ordering', 'us-access'],
    ]);
  });

  test('an order within one chart that it does not keep is found', () => {
    const made = plan(target, {}, (platform) => {
      const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
      const [first, later] = ['first', 'later'].map((name) => new Microservice(ordering, name, { image }));
      later!.node.addDependency(first!);
    });
    const found = flux(made).findings.map(({ code, severity, object }) => `${severity} ${code} ${object}`);
    expect(found).toContain('warning order-not-kept Deployment/ordering/later');
  });

  test('two charts that need each other cannot both wait, and one of them is told', () => {
    const made = plan(target, {}, (platform) => {
      const { ordering, billing } = program(platform);
      const [a, b] = [ordering, billing].map((context) => new Microservice(context, 'a', { image }));
      const [c, d] = [ordering, billing].map((context) => new Microservice(context, 'c', { image }));
      a!.node.addDependency(d!);
      b!.node.addDependency(c!);
    });
    const charts = (flux(made).objects as Loose[]).filter(({ spec }) => spec.dependsOn !== undefined);
    expect(charts.map(({ metadata }) => metadata.name)).toEqual(['shop-production-billing']);
    expect(new Set(flux(made).findings.map(({ code }) => code))).toEqual(new Set(['order-not-kept']));
  });

  test('a field that a controller writes and that is in the manifest is found: Flux would write it back', () => {
    const owned = derive('acme.owned', function* (graph): Iterable<Derived> {
      const metadata = { name: 'owned', namespace: 'ordering' };
      yield {
        scope: graph.root.node.findChild('ordering'),
        manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'a/b': 'c' } },
        hints: { ownedElsewhere: ['/data/a~1b'] },
      };
    });
    const made = plan(target, { extensions: [{ name: 'acme', pieces: [owned] }] });
    expect(flux(made).findings).toMatchObject([
      { code: 'field-owned-elsewhere', severity: 'error', object: 'ConfigMap/ordering/owned', field: '/data/a~1b' },
    ]);
    expect((argocd(made).objects as Loose[])[0].spec.ignoreDifferences).toContainEqual({
      kind: 'ConfigMap',
      name: 'owned',
      namespace: 'ordering',
      jsonPointers: ['/data/a~1b'],
    });
  });

  test('is told how a kind says that it is ready, where that is not a condition called Ready', () => {
    const made = plan(target, { extensions: [{ name: 'acme', pieces: [readyPieces] }] });
    const ordering = (flux(made).objects as Loose[]).find(
      ({ metadata }) => metadata.name === 'shop-production-ordering',
    );
    expect(ordering.spec.healthCheckExprs).toEqual([
      {
        apiVersion: 'acme.example/v1',
        kind: 'Report',
        current: "status.conditions.exists(c, c.type == 'Printed' && c.status == 'True')",
      },
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Rollout',
        current: "has(status.phase) && status.phase == 'Healthy'",
      },
    ]);
  });

  test.each([
    ['main', { branch: 'main' }],
    ['v1.4.2', { tag: 'v1.4.2' }],
    ['0123456789012345678901234567890123456789', { commit: '0123456789012345678901234567890123456789' }],
  ])('takes %s for %j', (revision, ref) => {
    expect((flux(plan({ ...target, revision })).objects as Loose[])[0].spec.ref).toEqual(ref);
  });

  test('does not delete what must stay', () => {
    expect(annotationsOf(plan(), flux, 'StatefulSet/carts')).toEqual({
      'kustomize.toolkit.fluxcd.io/prune': 'disabled',
    });
    expect(annotationsOf(plan(), flux, 'Deployment/orders')).toEqual({});
  });
});

const readyPieces = derive('acme.ready', function* (graph): Iterable<Derived> {
  const scope = graph.root.node.findChild('ordering');
  const metadata = { name: 'a', namespace: 'ordering' };
  yield {
    scope,
    manifest: { apiVersion: 'acme.example/v1', kind: 'Report', metadata },
    hints: { readyWhen: 'condition=Printed' },
  };
  yield { scope, manifest: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata } };
  yield {
    scope,
    manifest: { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata },
  };
});

test('an environment that says nothing of a repository is told what to say', () => {
  const { gitops: _none, ...environment } = plan().environment;
  expect(() => argocd({ ...plan(), environment })).toThrow('no-gitops-target');
});
