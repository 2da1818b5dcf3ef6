import { spawnSync } from 'node:child_process';
import path from 'node:path';

const DIST = path.join(__dirname, '../../dist');

/** Whether a library, as it is shipped, loads anything of Pulumi. */
function loadsPulumi(library: string): boolean {
  const code = `require(${JSON.stringify(path.join(DIST, library))});
console.log(Object.keys(require.cache).some((file) => /[\\\\/]@pulumi[\\\\/]/.test(file)))`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim() === 'true';
}

test.each([
  ['index.js', false],
  ['charts.js', false],
  ['testing.js', false],
  ['stacks.js', true],
])('%s loads Pulumi: %s', (library, loads) => expect(loadsPulumi(library)).toBe(loads));
