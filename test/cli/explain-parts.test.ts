import { Workspace } from '../support/command';

const workspace = new Workspace();
afterAll(() => workspace.remove());

const PROGRAM = `import { ApiGateway, Auth, BoundedContext, Duration, Microservice, definePlatform } from 'ashlar';
export default definePlatform('shop', (shop) => {
  const context = new BoundedContext(shop, 'ordering', { team: 'orders' });
  const stock = new Microservice(context, 'stock', { image: 'ghcr.io/acme/stock:1', ports: { grpc: 9090 } });
  const make = (id: string) => new Microservice(context, id, { image: 'ghcr.io/acme/it:1', ports: { http: 8080 } });
  const [orders, returns] = [make('orders'), make('returns')];
  orders.calls(stock, { timeout: Duration.seconds(1) });
  returns.calls(stock, { timeout: Duration.seconds(2) });
  const open = { auth: Auth.none('Anybody may look.'), timeout: Duration.seconds(5) };
  new ApiGateway(shop, 'edge', { hosts: ['api.example.com'] })
    .route('/orders', orders, open)
    .route('/returns', returns, open);
});
`;

workspace.write({
  'shop/platform.ts': PROGRAM,
  'shop/environments/dev.yaml': `tier: development
backEnds: { mesh: { name: istio-sidecar }, gateway: { name: istio } }
`,
});

const explained = (object: string): string => workspace.ashlar(['explain', object], 'shop').stdout;

test('a block of a route names the call that made it', () => {
  const lines = explained('VirtualService/ordering/stock').split('\n');
  expect(lines).toContainEqual(
    expect.stringMatching(/http ordering-orders-grpc +orders\.calls\(stock\) .*\.ts:7:\d+\)/),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/http ordering-returns-grpc +returns\.calls\(stock\) .*\.ts:8:\d+\)/),
  );
});

test('a block of a gateway names the route that made it', () => {
  const lines = explained('VirtualService/edge/edge').split('\n');
  expect(lines).toContainEqual(
    expect.stringMatching(/http orders:\/orders +edge\.routes-to\(orders\) .*\.ts:11:\d+\)/),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/http returns:\/returns +edge\.routes-to\(returns\) .*\.ts:12:\d+\)/),
  );
});
