import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { checksums } from '../support/checksums';

const ROOT = path.join(__dirname, '../..');

/** The kit from its sources, as jest's moduleNameMapper has it. */
const ALIAS = { 'ashlar/charts': `${ROOT}/charts/index.ts`, ashlar: `${ROOT}/constructs/index.ts` };

/** Runs the script where it is another day, and where `aa` comes after `z`. */
function checksumsElsewhere(): unknown {
  const jiti = path.join(ROOT, 'node_modules/jiti/lib/jiti-cli.mjs');
  const { stdout, stderr, status } = spawnSync(process.execPath, [jiti, 'test/support/print-plans.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, TZ: 'Pacific/Kiritimati', LC_ALL: 'da_DK.UTF-8', JITI_ALIAS: JSON.stringify(ALIAS) },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

test('plans are the same in another locale and time zone', () => {
  expect(checksumsElsewhere()).toEqual({ locale: 'da-DK', hour: 14, checksums: checksums() });
});
