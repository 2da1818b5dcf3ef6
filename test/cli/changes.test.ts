import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Workspace } from '../support/command';

const workspace = new Workspace();
afterAll(() => workspace.remove());

const FILE = 'shop/k8s/dev/ordering.yaml';
const written = (): string => readFileSync(path.join(workspace.folder, FILE), 'utf8');

/** Writes the program with a volume of this many gibibytes, and synthesizes it. */
function synth(gibibytes: number, more = '') {
  workspace.write({
    'shop/platform.ts': `
import { BoundedContext, Microservice, RedisStore, Size, accept, definePlatform } from 'ashlar';
export default definePlatform('shop', (shop) => {
  const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
  const carts = new RedisStore(ordering, 'carts', { storage: Size.gibibytes(${gibibytes}), access: 'network' });
  new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.0.0' }).calls(carts);
  ${more}
});`,
    'shop/environments/dev.yaml': 'tier: development\n',
  });
  return workspace.ashlar(['synth'], 'shop');
}

test('synth does not overwrite what cannot be deployed', () => {
  expect(synth(2).code).toBe(0);
  expect(synth(2)).toMatchObject({ code: 0, stderr: '' });
  const before = written();
  const { code, stdout, stderr } = synth(1);
  expect(code).toBe(1);
  expect(stdout).toContain('not written');
  expect(stderr).toMatch(
    /storage-shrinks {2}shop\/ordering\/carts → StatefulSet\/ordering\/carts[\s\S]*1Gi, after 2Gi/,
  );
  expect(written()).toBe(before);
});

test('it does once the change is accepted, and check does not call that acceptance unused', () => {
  const accepted = synth(1, "accept(carts, 'storage-shrinks', 'It was empty.');");
  expect(accepted).toMatchObject({ code: 0, stderr: '' });
  expect(accepted.stdout).toContain('1 accepted');
  expect(written()).toContain('storage: 1Gi');
  expect(workspace.ashlar(['check'], 'shop').stdout).not.toContain('acceptance-unused');
});

test('a file that somebody broke is replaced', () => {
  workspace.write({ [FILE]: 'a: [\n---\nkind: 3\n---\nnull\n' });
  expect(synth(1).code).toBe(0);
  expect(written()).toContain('storage: 1Gi');
});

test('synth names what it writes no more, and is silent where nothing went', () => {
  synth(1);
  expect(synth(1).stdout).not.toContain('written no more');
  const more = "new Microservice(ordering, 'stock', { image: 'ghcr.io/acme/stock:1.0.0' });";
  expect(synth(1, more).stdout).not.toContain('written no more');
  const { stdout } = synth(1);
  expect(stdout).toContain('written no more');
  expect(stdout).toMatch(/^ {6}Deployment\/ordering\/stock$/m);
  expect(stdout).not.toMatch(/^ {6}.*\/carts$/m);
});
