import { BoundedContext, Microservice } from 'ashlar';
import { planOf } from '../support/plans';

const fixed = 'ghcr.io/acme/app:1.0.0';

function findingsOf(image: string, beside: Readonly<Record<string, string>> = {}) {
  return planOf((shop) => {
    const sidecars = Object.fromEntries(Object.entries(beside).map(([name, of]) => [name, { image: of }]));
    new Microservice(new BoundedContext(shop, 'ordering', { team: 'orders' }), 'orders', { image, sidecars });
  }).findings;
}

test.each([
  fixed,
  'redis:alpine',
  'localhost:5000/app:1',
  `ghcr.io/acme/app@sha256:${'a'.repeat(64)}`,
  `ghcr.io/acme/app:latest@sha256:${'a'.repeat(64)}`,
])('%s names a version', (image) => {
  expect(findingsOf(image)).toEqual([]);
});

test.each(['ghcr.io/acme/app', 'ghcr.io/acme/app:latest', 'redis', 'localhost:5000/app'])(
  '%s floats, which is a warning',
  (image) => {
    expect(findingsOf(image)).toMatchObject([
      {
        code: 'floating-image',
        severity: 'warning',
        path: 'shop/ordering/orders',
        object: 'Deployment/ordering/orders',
        got: image,
      },
    ]);
  },
);

test('images of sidecars are looked at, and each is told', () => {
  const findings = findingsOf(fixed, { a: 'a:latest', b: fixed, c: 'c' });
  expect(findings.map(({ got }) => got).sort()).toEqual(['a:latest', 'c']);
});
