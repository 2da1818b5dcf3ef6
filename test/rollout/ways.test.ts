import { ApiGateway, Auth, BoundedContext, Duration, Microservice, Rollout, type Program } from 'ashlar';
import { codesOf, objectOf } from '../support/plans';
import { rolloutPlanOf } from '../support/rollouts';

const image = 'registry.example.com/it:1';
const open = { auth: Auth.none('Everybody may look.'), timeout: Duration.seconds(2) };
const testers = { header: 'x-canary', value: 'yes' };

describe('a route that wants the header of testers', () => {
  const wanting =
    (value: string): Program =>
    (shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
      const rollout = Rollout.canary({ weights: [5], testers });
      const orders = new Microservice(ordering, 'orders', { image, ports: { http: 8080 }, rollout });
      const web = new Microservice(ordering, 'web', { image, ports: { http: 8080 } });
      new ApiGateway(ordering, 'edge', { hosts: ['shop.example.com'] })
        .route('/o', orders, { ...open, when: { header: 'X-Canary', value } })
        .route('/o', web, open);
    };

  test('with another value has none of them, takes none of their requests from others, and is told', () => {
    const istio = rolloutPlanOf(wanting('no'), { gateway: 'istio' });
    const { http } = objectOf(istio, 'VirtualService/ordering/edge')['spec'];
    expect(http).toMatchObject([
      { name: 'orders:/o:x-canary=no', match: [{ headers: { 'x-canary': { exact: 'no' } } }] },
      { name: 'web:/o' },
    ]);
    expect(http[0]).toHaveProperty('delegate');
    const api = rolloutPlanOf(wanting('no'), { gateway: 'gateway-api' });
    const { rules } = objectOf(api, 'HTTPRoute/ordering/edge-ordering-orders')['spec'];
    const headers = [{ type: 'Exact', name: 'x-canary', value: 'no' }];
    const backendRefs = [{ name: 'orders-stable' }, { name: 'orders-canary' }];
    expect(rules).toMatchObject([{ matches: [{ headers }], backendRefs }]);
    for (const { findings } of [istio, api]) {
      expect(findings).toMatchObject([
        {
          code: 'testers-without-way',
          severity: 'warning',
          path: 'shop/ordering/edge',
          field: 'route /o x-canary=no: when',
        },
      ]);
    }
  });

  test('with their value leads all of its requests to the new version', () => {
    const istio = rolloutPlanOf(wanting('yes'), { gateway: 'istio' });
    const { http } = objectOf(istio, 'VirtualService/ordering/edge')['spec'];
    const route = [{ destination: { host: 'orders-canary.ordering.svc.cluster.local' } }];
    expect(http).toMatchObject([
      { name: 'orders:/o:x-canary=yes', match: [{ headers: { 'x-canary': { exact: 'yes' } } }], route },
      { name: 'web:/o' },
    ]);
    const api = rolloutPlanOf(wanting('yes'), { gateway: 'gateway-api' });
    const { rules } = objectOf(api, 'HTTPRoute/ordering/edge-ordering-orders')['spec'];
    expect(rules).toEqual([
      expect.objectContaining({
        // A server refuses a match that lists one header twice.
        matches: [expect.objectContaining({ headers: [{ type: 'Exact', name: 'x-canary', value: 'yes' }] })],
        backendRefs: [{ name: 'orders-canary', port: 8080 }],
      }),
    ]);
    for (const plan of [istio, api]) expect(codesOf(plan)).toEqual([]);
  });
});
