import type { KubeObject, Layer, Plan } from 'ashlar';
import { BoundedContext, Config, ConfigFile, Key, Microservice, Reload } from 'ashlar';
import { proof, type Cluster } from 'ashlar/testing/cluster';
import { planOf } from '../support/plans';
import { isReady, podsOf, type Pod } from './support/pods';

interface Given {
  readonly level?: string;
  /** Of the service `reader`. */
  readonly image?: string;
  readonly change: 'roll' | 'replace' | 'watch' | Reload;
  /** The keys are files in it, not variables. */
  readonly folder?: string;
  /** All keys are in these. */
  readonly files?: Readonly<Record<string, ConfigFile>>;
}

const SERVICES = ['reader', 'also-reader', 'apart', 'other-reader', 'no-reader'] as const;

/** Two configurations and who reads them; for `apart` a layer gives the key that the tests change. */
function planWith(namespace: string, { level = 'info', image = 'acme/it:1', ...props }: Given): Plan {
  const at = 'environments/test.yaml';
  const apart = { at, settings: {}, config: { LEVEL: { value: 'silent', at } } };
  const services = { [`${namespace}/apart`]: apart };
  const layer: Layer = { name: 'environment', settings: {}, config: {}, services };
  return planOf(
    (shop) => {
      const context = new BoundedContext(shop, namespace, { team: 'orders' });
      const schema = { LEVEL: Key.text(), ITEMS: Key.integer() };
      const limits = new Config(context, 'limits', { schema, values: { LEVEL: level, ITEMS: 1 }, ...props });
      const other = new Config(context, 'other', { schema: { SEED: Key.integer() }, values: { SEED: 1 }, ...props });
      for (const name of SERVICES) {
        const own = name === 'reader' ? image : 'acme/it:1';
        const service = new Microservice(context, name, { image: own, ports: { http: 8080 } });
        if (name !== 'no-reader') service.reads(name === 'other-reader' ? other : limits);
      }
    },
    { tier: 'staging', environment: { layers: [layer] } },
  );
}

interface ConfigMap extends KubeObject {
  readonly data: Readonly<Record<string, string>>;
}

/** What a kubelet would give a container that starts now: a key of its ConfigMap, as variable or file. */
async function valueIn(cluster: Cluster, pod: Pod, key: string): Promise<string | undefined> {
  const references = (pod.spec.containers[0]?.env ?? []).filter(({ name }) => name === key);
  const names = [
    ...references.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
    ...(pod.spec.volumes ?? []).map(({ configMap }) => configMap?.name),
  ].filter((name) => name !== undefined);
  const metadata = { namespace: pod.metadata.namespace, name: names[0] ?? '' };
  const data = (await cluster.get<ConfigMap>({ apiVersion: 'v1', kind: 'ConfigMap', metadata }))?.data;
  const file = data?.['app.json'];
  return file === undefined ? data?.[key] : (JSON.parse(file) as Readonly<Record<string, string>>)[key];
}

const ids = (pods: readonly Pod[]): readonly string[] => pods.map(({ metadata }) => metadata.uid).sort();

const FILES = { 'app.json': ConfigFile.json() };

const VARIANTS = [
  { name: 'roll, as variables', namespace: 'rolled', change: 'roll' },
  { name: 'roll, as files', namespace: 'rolled-files', change: 'roll', folder: '/etc/it' },
  { name: 'roll, as one file', namespace: 'rolled-file', change: 'roll', folder: '/etc/it', files: FILES },
  { name: 'replace, as variables', namespace: 'replaced', change: 'replace' },
  { name: 'replace, as files', namespace: 'replaced-files', change: 'replace', folder: '/etc/it' },
] as const;

proof('a changed key', (cluster) => {
  /** The pods of each service. */
  async function pods(namespace: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = SERVICES.map(async (name) => [name, ids(await podsOf(cluster(), namespace, name))] as const);
    return new Map(await Promise.all(found));
  }

  const valuesOf = async (namespace: string, service: string): Promise<readonly (string | undefined)[]> =>
    Promise.all((await podsOf(cluster(), namespace, service)).map((pod) => valueIn(cluster(), pod, 'LEVEL')));

  test.each(VARIANTS)('rolls those who read it and no others: $name', async ({ name, namespace, ...given }) => {
    await cluster().apply(planWith(namespace, given));
    const before = await pods(namespace);
    expect(await valuesOf(namespace, 'reader')).toEqual(['info', 'info']);
    const applied = await cluster().apply(planWith(namespace, { ...given, level: 'debug' }));
    expect(applied.filter(({ outcome }) => outcome === 'changed').map(({ manifest }) => manifest.kind)).toEqual(
      expect.arrayContaining(['Deployment', 'Deployment']),
    );
    const after = await pods(namespace);
    const rolled = SERVICES.filter((service) => after.get(service)?.some((id) => !before.get(service)?.includes(id)));
    expect(rolled).toEqual(['reader', 'also-reader']);
    expect(await valuesOf(namespace, 'reader')).toEqual(['debug', 'debug']);
    expect(await valuesOf(namespace, 'apart')).toEqual(['silent', 'silent']);
    const again = await cluster().apply(planWith(namespace, { ...given, level: 'debug' }));
    expect(again.filter(({ outcome }) => outcome !== 'unchanged')).toEqual([]);
  });

  test.each([
    ['watches by itself', 'watched', 'watch'],
    ['is told by a call', 'called', Reload.post({ port: 'http', path: '/-/reload' })],
    ['is told by a signal', 'signalled', Reload.hangUp({ executable: 'nginx' })],
  ] as const)('reaches a pod that %s without a roll', async (_, namespace, change) => {
    const given = { change, folder: '/etc/it', files: FILES };
    await cluster().apply(planWith(namespace, given));
    const before = await pods(namespace);
    const applied = await cluster().apply(planWith(namespace, { ...given, level: 'debug' }));
    const changed = applied.filter(({ outcome }) => outcome !== 'unchanged');
    expect(changed.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.name}`)).toEqual(['ConfigMap/limits']);
    expect(await pods(namespace)).toEqual(before);
    expect(await valuesOf(namespace, 'reader')).toEqual(['debug', 'debug']);
  });

  /** A roll that does not come to its end: old and new pods stand side by side, and one of the old is started again. */
  async function halfRolled(namespace: string, change: 'roll' | 'replace'): Promise<readonly Pod[]> {
    await cluster().apply(planWith(namespace, { change }));
    const [first] = await podsOf(cluster(), namespace, 'reader');
    const broken = planWith(namespace, { change, level: 'debug', image: 'missing/it:2' });
    await cluster().apply(broken, { wait: false });
    await cluster().until(async () => (await podsOf(cluster(), namespace, 'reader')).length === 3, {
      what: 'a new pod',
    });
    await cluster().delete(first!);
    return cluster().until(async () => {
      const ready = (await podsOf(cluster(), namespace, 'reader')).filter(isReady);
      return ready.length === 2 && !ids(ready).includes(first!.metadata.uid) && ready;
    });
  }

  test('is not seen by old pods that start again: the earlier ConfigMap still serves them', async () => {
    const old = await halfRolled('half-rolled', 'roll');
    expect(await Promise.all(old.map((pod) => valueIn(cluster(), pod, 'LEVEL')))).toEqual(['info', 'info']);
    expect((await valuesOf('half-rolled', 'reader')).toSorted()).toEqual(['debug', 'info', 'info']);
  });

  test('is seen by old pods that start again where it is replaced', async () => {
    const old = await halfRolled('half-replaced', 'replace');
    expect(await Promise.all(old.map((pod) => valueIn(cluster(), pod, 'LEVEL')))).toEqual(['debug', 'debug']);
  });

  test.each([
    ['comes back with the code', 'roll', 'info'],
    ['does not come back where it is replaced', 'replace', 'debug'],
  ] as const)('%s when a release is taken back', async (_, change, expected) => {
    const namespace = `undone-${change}`;
    await cluster().apply(planWith(namespace, { change }));
    await cluster().apply(planWith(namespace, { change, level: 'debug' }));
    const reader = ['deployment/reader', '--namespace', namespace];
    expect(await cluster().kubectl(['rollout', 'undo', ...reader])).toMatchObject({ code: 0 });
    expect(await cluster().kubectl(['rollout', 'status', ...reader, '--timeout=30s'])).toMatchObject({ code: 0 });
    await cluster().until(async () => (await podsOf(cluster(), namespace, 'reader')).length === 2);
    expect(await valuesOf(namespace, 'reader')).toEqual([expected, expected]);
  });

  test('cannot be changed behind the back of those who started with it', async () => {
    await cluster().apply(planWith('immutable', { change: 'roll' }));
    const maps = await cluster().list<ConfigMap>('v1', 'ConfigMap', { namespace: 'immutable' });
    const ours = maps.find(({ data }) => data['LEVEL'] === 'info');
    const verdict = await cluster().patch(ours!, { data: { LEVEL: 'debug' } });
    expect(verdict).toMatchObject({ status: 422 });
    expect(verdict.message).toContain('immutable');
  });
});
