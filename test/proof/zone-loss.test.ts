import { BoundedContext, Microservice, Scale } from 'ashlar';
import { zoneLoss } from 'ashlar/charts';
import { proof } from 'ashlar/testing/cluster';
import { planOf } from '../support/plans';
import { isReady, podsOf, type Pod } from './support/pods';

const ZONE = 'zone-a';
const PODS: Readonly<Record<string, number>> = { one: 1, two: 2, three: 3, four: 4, six: 6 };

const plan = planOf(
  (shop) => {
    const context = new BoundedContext(shop, 'zones', { team: 'a' });
    for (const [id, pods] of Object.entries(PODS)) {
      const image = 'registry.example.com/it:1';
      new Microservice(context, id, { image, ports: { http: 8080 }, scale: Scale.fixed(pods) });
    }
  },
  { tier: 'production', environment: { zones: [ZONE, 'zone-b', 'zone-c'] } },
);

proof('a zone that is gone', (cluster) => {
  const readyOf = async (id: string): Promise<readonly Pod[]> => (await podsOf(cluster(), 'zones', id)).filter(isReady);
  const all = (): Promise<readonly (readonly Pod[])[]> => Promise.all(Object.keys(PODS).map(readyOf));

  test('leaves of each workload as many pods as was computed, and the others come up elsewhere', async () => {
    await cluster().apply(plan);
    const before = await all();
    expect(before.map(({ length }) => length)).toEqual(Object.values(PODS));
    const nodes = await cluster().list('v1', 'Node', { labels: { 'topology.kubernetes.io/zone': ZONE } });
    const lost = new Set(nodes.map(({ metadata }) => metadata.name));
    const isLost = ({ spec }: Pod): boolean => lost.has(String(spec.nodeName));
    // Three of three zones: each workload of at least three pods has one there.
    expect(before.flat().filter(isLost).length).toBeGreaterThan(3);
    const known = new Set(before.flat().map(({ metadata }) => metadata.uid));
    for (const node of nodes) await cluster().delete(node);
    // Pods of nodes that are no more are collected by and by; those that take their place have other ids.
    const left = await cluster().until(
      async () => {
        const kept = (await all()).map((pods) => pods.filter(({ metadata }) => known.has(metadata.uid)));
        return !kept.flat().some(isLost) && kept;
      },
      { what: 'the pods of the zone to be gone', withinMs: 150_000 },
    );
    const stated = zoneLoss(plan, ZONE);
    expect(stated).toHaveLength(left.length);
    for (const { workload, least, most, pods } of stated) {
      const index = Object.keys(PODS).indexOf(workload.replace('Deployment/zones/', ''));
      const count = left[index]?.length;
      expect([workload, pods]).toEqual([workload, Object.values(PODS)[index]]);
      // Where pods fill all zones alike, least and most are one number.
      expect([workload, count]).toEqual([workload, count === most ? most : least]);
    }
    await cluster().until(
      async () => (await all()).every((pods, index) => pods.length === Object.values(PODS)[index]),
      { what: 'as many pods as before, in the zones that are left', withinMs: 60_000 },
    );
    expect((await all()).flat().some(isLost)).toBe(false);
  }, 300_000);
});
