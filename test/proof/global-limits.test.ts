import { parse } from 'yaml';
import {
  ApiGateway,
  Auth,
  BoundedContext,
  Duration,
  Microservice,
  RateLimit,
  definePlatform,
  type Plan,
  type RouteOptions,
} from 'ashlar';
import { limitStandIn, type LimitFile, type LimitStandIn } from './support/limit-stand-in';
import { certify, meshProof, validate } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import { meshed } from './support/mesh/plans';

const HOST = 'api.shop.example.com';
const SERVICE = 'shop/edge-limits';

const definition = definePlatform('proof', (platform) => {
  const context = new BoundedContext(platform, 'shop', { team: 'a' });
  const assets = new Microservice(context, 'assets', { image: 'registry.example.com/it:1', ports: { http: 8080 } });
  const limited = (rateLimit: RateLimit): RouteOptions => ({
    auth: Auth.none('A proof asks.'),
    timeout: Duration.seconds(5),
    rateLimit,
  });
  const minute = Duration.minutes(1);
  new ApiGateway(context, 'edge', { hosts: [HOST] })
    .route('/each', assets, limited(RateLimit.perClient(3, minute).global()))
    .route('/all', assets, limited(RateLimit.overall(4, minute).global()))
    .route('/strict', assets, limited(RateLimit.overall(2, minute).global({ whenUnavailable: 'deny' })))
    .route('/free', assets, { auth: Auth.none('A proof asks.'), timeout: Duration.seconds(5) });
});

/** The file that the pods of the service get. */
function fileOf(plan: Plan): LimitFile {
  const map = plan.objects.map(({ manifest }) => manifest).find(({ kind }) => kind === 'ConfigMap');
  return parse((map?.['data'] as Record<string, string>)['limits.yaml'] ?? '') as LimitFile;
}

meshProof('limits that all pods of a gateway keep together', () => {
  let lab: Lab;
  let service: LimitStandIn;
  beforeAll(async () => {
    const plan = meshed(definition);
    service = await limitStandIn(fileOf(plan));
    lab = new Lab(plan, { shown: certify(HOST), standIns: { [`${SERVICE}:8081`]: service.address } });
    await lab.start('shop/edge', 'shop/assets', SERVICE);
  });
  afterAll(async () => {
    service.stop();
    await lab.stop();
  });
  const ask = async (path: string, count: number, localAddress = '127.0.0.1'): Promise<readonly number[]> => {
    const codes: number[] = [];
    for (let asked = 0; asked < count; asked += 1) {
      codes.push((await lab.fromOutside('shop/edge', HOST, { path, localAddress })).status);
    }
    return codes;
  };

  test('Envoy takes the filters', () => {
    expect(lab.problems).toEqual([expect.stringMatching(/^EnvoyFilter\/shop\/edge-global-limits/)]);
    expect(() => validate(lab.writeConfig('shop/edge'))).not.toThrow();
  });

  test('each client has as many requests as its route says, and the next is answered 429', async () => {
    expect(await ask('/each', 4)).toEqual([200, 200, 200, 429]);
    expect(await ask('/each', 4, '127.0.0.2')).toEqual([200, 200, 200, 429]);
    const one = 'edge.shop route=/each remote_address=127.0.0.1';
    expect(service.asked.filter((asked) => asked === one)).toHaveLength(4);
  });

  test('all clients together have as many as the route says', async () => {
    expect([...(await ask('/all', 2)), ...(await ask('/all', 3, '127.0.0.2'))]).toEqual([200, 200, 200, 200, 429]);
  });

  test('a route without a limit is not counted', async () => {
    const before = service.asked.length;
    expect(await ask('/free', 6)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(service.asked).toHaveLength(before);
  });

  test('nobody but the gateway asks the service', async () => {
    const seen = service.asked.length;
    expect(await lab.plain(SERVICE, 8081)).toBe('refused');
    expect(service.asked).toHaveLength(seen);
  });

  test('while nobody counts, requests go on, or are refused where the route wants that', async () => {
    expect(await ask('/strict', 2)).toEqual([200, 200]);
    service.stop();
    expect(await ask('/each', 2)).toEqual([200, 200]);
    expect(await ask('/strict', 1)).toEqual([503]);
    expect(await ask('/free', 1)).toEqual([200]);
  });
});
