import { BoundedContext, Microservice, RedisCache, type MicroserviceProps, type RedisCacheProps } from 'ashlar';
import { codesOf, planOf } from '../support/plans';

/** What a program says that no compiler has seen. */
function unchecked<T>(props: object): T {
  return props as T;
}

const image = 'ghcr.io/acme/app:1.0.0';

test.each([
  ['a prop that nobody reads', { image, replicas: 3 }, 'unknown-prop'],
  ['a spread that is none', { image, spread: 'never' }, 'unknown-choice'],
  ['an image that is no text', { image: 42 }, 'bad-image'],
  ['no image', {}, 'bad-image'],
])('a service with %s is told so', (_name, props, code) => {
  const plan = planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    new Microservice(context, 'orders', unchecked<MicroserviceProps>(props));
  });
  expect(codesOf(plan)).toEqual([code]);
});

test('a call with an option or a form of address that is none is told so', () => {
  const plan = planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    const orders = new Microservice(context, 'orders', { image, ports: { http: 8080 } });
    orders.calls(orders, unchecked({ timeout: 3, retries: 2, env: { URL: 'uri' } }));
  });
  expect(codesOf(plan)).toEqual(['bad-value', 'mesh-cannot', 'unknown-choice', 'unknown-prop']);
});

test('a cache that forgets by a policy that Redis does not know is told so', () => {
  const plan = planOf((shop) => {
    const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
    new RedisCache(context, 'cache', unchecked<RedisCacheProps>({ evict: 'lru', access: 'network' }));
  });
  expect(codesOf(plan)).toEqual(['unknown-choice']);
});
