import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Workspace } from '../support/command';

const ROOT = path.join(__dirname, '../..');

/** A folder in which the kit is installed, and a program. */
const workspace = new Workspace();
afterAll(() => workspace.remove());

const packages = path.join(workspace.folder, 'node_modules');
const kept = path.join(packages, '.cache/ashlar');
const kit = path.join(packages, 'ashlar');

mkdirSync(packages);
cpSync(path.join(ROOT, 'dist'), path.join(kit, 'dist'), {
  recursive: true,
  filter: (from) => !from.endsWith('types') && !from.endsWith('.map'),
});
cpSync(path.join(ROOT, 'package.json'), path.join(kit, 'package.json'));
for (const name of ['constructs', 'jiti'])
  symlinkSync(path.join(ROOT, 'node_modules', name), path.join(packages, name), 'junction');
workspace.write({
  'platform.ts': `
    import { BoundedContext, Microservice, definePlatform } from 'ashlar';
    export default definePlatform('shop', (shop) => {
      const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
      new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.0.0', ports: { http: 8080 } });
    });`,
  'environments/dev.yaml': 'tier: development\n',
});

function synth(env: NodeJS.ProcessEnv = {}): { readonly code: number | null; readonly text: string } {
  const command = path.join(kit, 'dist/cli.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'synth', '--stdout'], {
    cwd: workspace.folder,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return { code: status, text: stdout + stderr };
}

function compiled(): readonly string[] {
  try {
    return readdirSync(kept).filter((name) => name.startsWith('kernel-'));
  } catch {
    return [];
  }
}

beforeEach(() => rmSync(kept, { recursive: true, force: true }));

describe('what a run has compiled', () => {
  test('is kept for the next one, which does the same', () => {
    const first = synth();
    expect(first.code).toBe(0);
    expect(first.text).toContain('kind: Deployment');
    const [file = '', ...others] = compiled();
    expect(others).toEqual([]);
    const bytes = readFileSync(path.join(kept, file));
    expect(synth()).toEqual(first);
    expect(compiled()).toEqual([file]);
    expect(readFileSync(path.join(kept, file)).equals(bytes)).toBe(true);
  });

  test('is made anew where it is broken, and that of another bundle is removed', () => {
    const first = synth();
    const [file = ''] = compiled();
    const { length } = readFileSync(path.join(kept, file));
    truncateSync(path.join(kept, file), length / 2);
    writeFileSync(path.join(kept, 'kernel-0123456789abcdef-1.bin'), '');
    expect(synth()).toEqual(first);
    expect(compiled()).toEqual([file]);
    expect(readFileSync(path.join(kept, file)).length).toBeGreaterThan(length / 2);
  });

  test('is not kept where compile caches are switched off, nor by a command that does little', () => {
    expect(synth({ NODE_DISABLE_COMPILE_CACHE: '1' }).code).toBe(0);
    expect(compiled()).toEqual([]);
    spawnSync(process.execPath, [path.join(kit, 'dist/cli.js'), '--version']);
    expect(compiled()).toEqual([]);
  });
});
