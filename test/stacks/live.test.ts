/** Kubeconfigs, and what a cluster is asked with them: a server that answers as it is told. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { BoundedContext, Microservice, definePlatform, isAshlarError } from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import { inspect } from '../../stacks/live/inspect';
import { accessBy } from '../../stacks/live/kubeconfig';
import { Workspace } from '../support/command';

const workspace = new Workspace();
afterAll(() => workspace.remove());

const kubeconfig = (user: object, server = 'https://10.0.0.1:6443', cluster: object = {}): string =>
  JSON.stringify({
    'current-context': 'one',
    contexts: [
      { name: 'one', context: { cluster: 'c', user: 'u' } },
      { name: 'lost', context: { cluster: 'nowhere', user: 'u' } },
    ],
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
  });

const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'none';
  } catch (error) {
    return isAshlarError(error) ? error.code : String(error);
  }
};

describe('a kubeconfig', () => {
  test('gives a token, a certificate, or what a file of it holds', () => {
    workspace.write({ token: 'from-file\n', ca: 'authority' });
    expect(accessBy(kubeconfig({ token: 't' }), undefined)).toMatchObject({
      server: 'https://10.0.0.1:6443',
      token: 't',
    });
    const data = Buffer.from('cert').toString('base64');
    expect(String(accessBy(kubeconfig({ 'client-certificate-data': data }), undefined)?.cert)).toBe('cert');
    workspace.write({ config: kubeconfig({ tokenFile: 'token' }, undefined, { 'certificate-authority': 'ca' }) });
    const file = path.join(workspace.folder, 'config');
    expect(accessBy(file, undefined)).toMatchObject({ token: 'from-file', ca: 'authority' });
  });

  test('asks its credential plugin', () => {
    const answer = JSON.stringify({ kind: 'ExecCredential', status: { token: 'from-plugin' } });
    const exec = { command: 'sh', args: ['-c', `echo '${answer}'`] };
    expect(accessBy(kubeconfig({ exec }), undefined)?.token).toBe('from-plugin');
    expect(codeOf(() => accessBy(kubeconfig({ exec: { command: 'false' } }), undefined))).toBe('bad-kubeconfig');
    expect(codeOf(() => accessBy(kubeconfig({ exec: { command: 'true' } }), undefined))).toBe('bad-kubeconfig');
  });

  test.each([
    ['a context that it does not have', () => accessBy(kubeconfig({}), 'two')],
    ['a context whose cluster it does not have', () => accessBy(kubeconfig({}), 'lost')],
    ['a text that is no YAML', () => accessBy('a: [\n', undefined)],
    ['a path that leads nowhere', () => accessBy(path.join(workspace.folder, 'nothing'), undefined)],
    ['a server without an address', () => accessBy(kubeconfig({}, ''), undefined)],
    ['a file that is not there', () => accessBy(kubeconfig({ tokenFile: '/nowhere/token' }), undefined)],
  ])('%s is told', (_what, ask) => expect(codeOf(ask)).toBe('bad-kubeconfig'));

  test('that is nowhere is no error: a pod finds its cluster in another way', () => {
    const before = process.env['KUBECONFIG'];
    process.env['KUBECONFIG'] = path.join(workspace.folder, 'nothing');
    expect(accessBy(undefined, undefined)).toBeUndefined();
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
  });
});

describe('a cluster', () => {
  let server: Server;
  let answers: Readonly<Record<string, object>> = {};
  let asked: string[] = [];
  beforeAll(async () => {
    server = createServer(({ url = '', headers }, response) => {
      asked.push(`${url} ${headers.authorization ?? ''}`.trim());
      const answer = answers[url];
      response.writeHead(answer === undefined ? 403 : 200).end(JSON.stringify(answer ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());
  beforeEach(() => {
    asked = [];
    answers = { '/version': {} };
  });

  const environment = plainEnvironment('dev', 'development');
  const definition = definePlatform('shop', (platform) => {
    const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
    new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.0.0', ports: { http: 80 } });
  });
  const look = async (): Promise<readonly string[]> => {
    const plan = makePlan(definition, environment);
    const { port } = server.address() as AddressInfo;
    const cluster = { kubeconfig: kubeconfig({ token: 'hush' }, `http://127.0.0.1:${port}`) };
    return inspect(plan, plan.objects, { environment, cluster }).then(
      () => [],
      (error: unknown) =>
        isAshlarError(error) ? error.findings.map(({ code, object }) => `${code} ${object}`) : [String(error)],
    );
  };

  test('is asked once a kind and namespace, with its credentials', async () => {
    expect(await look()).toEqual([]);
    expect(asked.sort()).toEqual(
      [
        '/api/v1/namespaces',
        '/api/v1/namespaces/ordering/services',
        '/apis/apps/v1/namespaces/ordering/deployments',
        '/apis/networking.k8s.io/v1',
        '/apis/rbac.authorization.k8s.io/v1',
        '/version',
      ].map((url) => `${url} Bearer hush`),
    );
  });

  test('tells who owns an object', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'ashlar', 'app.kubernetes.io/part-of': 'store' };
    answers = { ...answers, '/api/v1/namespaces': { items: [{ metadata: { name: 'ordering', labels } }] } };
    expect(await look()).toEqual(['owned-by-another Namespace/ordering']);
  });

  test('that serves a Deployment with another selector is no reason to stop: it holds no data', async () => {
    const warned = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const live = { metadata: { name: 'orders' }, spec: { selector: { matchLabels: { app: 'orders' } } } };
    answers = { ...answers, '/apis/apps/v1/namespaces/ordering/deployments': { items: [live] } };
    expect(await look()).toEqual([]);
    expect(String(warned.mock.calls[0]?.[0])).toContain('immutable-field');
    warned.mockRestore();
  });
});
