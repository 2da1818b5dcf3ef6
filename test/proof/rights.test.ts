import { BoundedContext, Microservice, type KubeObject } from 'ashlar';
import { proof } from 'ashlar/testing/cluster';
import { planOf } from '../support/plans';
import { builtInExample } from './support/examples';
import { namespacedResources, rightsOf, written } from './support/rights';

const LOOK = 'get list watch';

/** What a team may do in its own namespaces, by what docs/patterns/bounded-context.md promises: all but secrets. */
const LOOKS = {
  configmaps: LOOK,
  endpoints: LOOK,
  events: LOOK,
  limitranges: LOOK,
  persistentvolumeclaims: LOOK,
  pods: LOOK,
  'pods/log': LOOK,
  resourcequotas: LOOK,
  serviceaccounts: LOOK,
  services: LOOK,
  'daemonsets.apps': LOOK,
  'deployments.apps': LOOK,
  'replicasets.apps': LOOK,
  'statefulsets.apps': LOOK,
  'cronjobs.batch': LOOK,
  'jobs.batch': LOOK,
  'horizontalpodautoscalers.autoscaling': LOOK,
  'poddisruptionbudgets.policy': LOOK,
  'ingresses.networking.k8s.io': LOOK,
  'networkpolicies.networking.k8s.io': LOOK,
};

/** The same outside production: it mends by hand, too. */
const MENDS = {
  ...LOOKS,
  pods: `${LOOK} delete`,
  'pods/exec': 'create',
  'pods/portforward': 'create',
  'deployments.apps': `${LOOK} patch`,
  'statefulsets.apps': `${LOOK} patch`,
  'deployments.apps/scale': 'get patch update',
  'statefulsets.apps/scale': 'get patch update',
};

/** Namespaces of the shop and the teams that own them. */
const OWNERS = { ordering: 'orders', billing: 'billing', catalogue: 'catalogue', fulfilment: 'logistics' } as const;

/** A person as an identity provider names it. */
const member = (team: string): { readonly user: string; readonly groups: readonly string[] } => ({
  user: 'alice',
  groups: [team, 'system:authenticated'],
});

/** Rights are judged by the API server alone. */
const WITHOUT_CONTROLLERS = { controllers: false };

proof(
  'rights',
  (cluster) => {
    let resources: readonly string[];
    beforeAll(async () => {
      resources = await namespacedResources(cluster());
      expect(resources).toEqual(expect.arrayContaining(['secrets', 'pods/exec', 'deployments.apps/scale']));
    });

    describe.each([
      ['production', 'prod', LOOKS, false],
      ['development', 'dev', MENDS, true],
    ] as const)('in %s', (_, environment, expected, mends) => {
      beforeAll(async () => {
        await cluster().apply(builtInExample('shop', environment).plan);
        // The API server learns of a role a moment after it has stored it.
        await cluster().until(async () => {
          const answers = Object.entries(OWNERS).map(async ([namespace, team]) => ({
            looks: await cluster().can(member(team), 'get', 'pods', namespace),
            mends: await cluster().can(member(team), 'delete', 'pods', namespace),
          }));
          return (await Promise.all(answers)).every((one) => one.looks && one.mends === mends);
        });
      });

      test.each(Object.entries(OWNERS))(
        'in %s the team %s can what its role says, of all verbs and resources',
        async (namespace, team) => {
          expect(await rightsOf(cluster(), member(team), resources, namespace)).toEqual(written(expected));
        },
      );

      test('a team can nothing in the namespaces of others, nor in all at once', async () => {
        expect(await rightsOf(cluster(), member('orders'), resources, 'billing')).toEqual([]);
        expect(await rightsOf(cluster(), member('orders'), resources)).toEqual([]);
      });

      test.each(Object.keys(OWNERS))('a stranger can nothing in %s', async (namespace) => {
        expect(await rightsOf(cluster(), member('strangers'), resources, namespace)).toEqual([]);
      });
    });

    test('are those of requests: a team reads its pods and not its secrets, a stranger neither', async () => {
      const team = cluster().as(member('orders'));
      const stranger = cluster().as({ user: 'bob', groups: ['strangers'] });
      expect(await team.list('v1', 'Pod', { namespace: 'ordering' })).toEqual([]);
      await expect(team.list('v1', 'Secret', { namespace: 'ordering' })).rejects.toMatchObject({ code: 'refused' });
      await expect(stranger.list('v1', 'Pod', { namespace: 'ordering' })).rejects.toMatchObject({ code: 'refused' });
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'ordering', name: 'by-hand' } };
      expect(await team.create(pod)).toMatchObject({ status: 403 });
    });

    describe('of a service that talks to the API server', () => {
      const account = (name: string): { readonly user: string; readonly groups: readonly string[] } => ({
        user: `system:serviceaccount:operating:${name}`,
        groups: ['system:serviceaccounts', 'system:serviceaccounts:operating', 'system:authenticated'],
      });
      const lease = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
      const plan = planOf((shop) => {
        const context = new BoundedContext(shop, 'operating', { team: 'orders' });
        const props = { image: 'acme/it:1', ports: { http: 8080 } };
        new Microservice(context, 'watcher', props).accessesKubernetes(
          { resources: ['pods', 'pods/log'], verbs: ['get', 'list'] },
          { resources: ['configmaps'], resourceNames: ['state'], verbs: ['get', 'update'] },
          { ...lease, verbs: ['get', 'create', 'update'] },
        );
        new Microservice(context, 'other', props);
      });
      const config = (name: string): KubeObject => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: 'operating', name },
      });

      beforeAll(async () => {
        await cluster().apply(plan);
        await cluster().apply(['state', 'other'].map(config));
        await cluster().until(() => cluster().can(account('watcher'), 'get', 'pods', 'operating'));
      });

      test('are what it was given, and nothing else, of all verbs and resources', async () => {
        const given = { pods: 'get list', 'pods/log': 'get list', 'leases.coordination.k8s.io': 'get create update' };
        expect(await rightsOf(cluster(), account('watcher'), resources, 'operating')).toEqual(written(given));
        expect(await rightsOf(cluster(), account('watcher'), resources, 'ordering')).toEqual([]);
        expect(await rightsOf(cluster(), account('other'), resources, 'operating')).toEqual([]);
      });

      test('are those of its token: one ConfigMap by name, and no other', async () => {
        const of = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'operating', name: 'watcher' } };
        const request = {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          metadata: {} as never,
          spec: {},
        };
        const { object } = await cluster().create(request, { name: 'token', of });
        const { token } = (object as unknown as { readonly status: { readonly token: string } }).status;
        const statusOf = async (path: string): Promise<number> => {
          const headers = { authorization: `Bearer ${token}` };
          return (await cluster().send({ path: `/api/v1/namespaces/operating/${path}`, headers })).status;
        };
        expect(await statusOf('pods')).toBe(200);
        expect(await statusOf('configmaps/state')).toBe(200);
        expect(await statusOf('configmaps/other')).toBe(403);
        expect(await statusOf('configmaps')).toBe(403);
        expect(await statusOf('secrets')).toBe(403);
      });
    });
  },
  WITHOUT_CONTROLLERS,
);
