import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import {
  ApiGateway,
  Auth,
  BackendTls,
  BoundedContext,
  Duration,
  Microservice,
  definePlatform,
  outsideMesh,
  type KubeObject,
} from 'ashlar';
import { proof } from 'ashlar/testing/cluster';
import { certificatesOf } from './support/mesh/around';
import { certify, meshProof } from './support/mesh/engine';
import { deployed } from './support/mesh/gateway-api';
import { Lab } from './support/mesh/lab';
import type { KeyPair } from './support/mesh/localize';
import { STAYS_OPEN } from './support/mesh/talk';
import { meshed } from './support/mesh/plans';
import { misfits } from './support/misfits';

const HOST = 'api.shop.example.com';
const NAME = 'orders.internal';
const image = 'registry.example.com/it:1';

const definition = definePlatform('proof', (platform) => {
  const shop = new BoundedContext(platform, 'shop', { team: 'a' });
  const edge = new ApiGateway(shop, 'edge', { hosts: [HOST] });
  const open = { auth: Auth.none('A proof asks.'), timeout: Duration.seconds(5) };
  const services = {
    right: BackendTls.verify({ host: NAME, authority: 'orders-ca' }),
    forged: BackendTls.verify({ host: NAME, authority: 'orders-ca' }),
    renamed: BackendTls.verify({ host: NAME, authority: 'renamed-ca' }),
    public: BackendTls.wellKnown('orders.example.com'),
  };
  for (const [id, backendTls] of Object.entries(services)) {
    const service = new Microservice(shop, id, { image, ports: { http: 8080 } });
    outsideMesh(service, 'It answers TLS itself.');
    edge.route(`/${id}`, service, { ...open, backendTls });
  }
});

const plan = meshed(definition, 'istio-sidecar', {}, { name: 'gateway-api', options: { implementation: 'istio' } });

proof(
  'an API server with the definitions of the Gateway API',
  (cluster) => {
    test('takes the policies of services that answer TLS themselves', async () => {
      const objects = plan.objects
        .map(({ manifest }) => manifest)
        .filter(({ kind }) => kind === 'BackendTLSPolicy' || kind === 'Namespace');
      expect(objects.filter(({ kind }) => kind === 'BackendTLSPolicy')).toHaveLength(4);
      expect(misfits(await cluster().apply(objects, { refusals: 'return' }))).toEqual([]);
    });
  },
  { controllers: false, crds: true },
);

/** What a service was asked: the path, and by which name. */
type Asked = readonly [path: string, name: string | false | null];

/** A service that shows a certificate. */
async function serve({ certificate: cert, key }: KeyPair, address: string, seen: Asked[]): Promise<Server> {
  const server = createServer({ ...STAYS_OPEN, cert, key }, (request, response) => {
    seen.push([request.url ?? '', (request.socket as TLSSocket & { servername: string | false }).servername]);
    response.end('served');
  });
  server.listen(8080, address);
  await once(server, 'listening');
  return server;
}

/** A certificate that signed itself is its own authority. */
function trusting(name: string, { certificate }: KeyPair): KubeObject {
  const metadata = { name, namespace: 'shop' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': certificate } };
}

meshProof('services that answer TLS themselves', () => {
  let lab: Lab;
  const servers: Server[] = [];
  const seen: Asked[] = [];
  beforeAll(async () => {
    const shown = certify(HOST);
    const certificates = { right: certify(NAME), forged: certify(NAME), renamed: certify('other.internal') };
    const trusted = [trusting('orders-ca', certificates.right), trusting('renamed-ca', certificates.renamed)];
    lab = new Lab(deployed(plan), { shown, beside: [...certificatesOf(plan, shown), ...trusted] });
    for (const [id, pair] of Object.entries(certificates))
      servers.push(await serve(pair, lab.pod(`shop/${id}`).address, seen));
    await lab.start('shop/edge-istio');
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    await lab.stop();
  });
  beforeEach(() => {
    seen.length = 0;
  });
  const ask = (path: string) => lab.fromOutside('shop/edge-istio', HOST, { path });

  test('one with a certificate for its name, of its authority, answers, and is asked by that name', async () => {
    const { status, body } = await ask('/right/1');
    expect([status, body]).toEqual([200, 'served']);
    expect(seen).toEqual([['/right/1', NAME]]);
  });

  test.each([
    ['of another authority', '/forged'],
    ['for another name', '/renamed'],
  ])('one with a certificate %s sees no request', async (_, path) => {
    expect((await ask(path)).status).toBe(503);
    expect(seen).toEqual([]);
  });
});
