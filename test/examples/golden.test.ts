import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PlannedObject, PlatformDefinition } from 'ashlar';
import { loadEnvironment, makePlan } from 'ashlar/charts';
import { toYaml } from '../../constructs/model/yaml';
import boutique from '../../examples/online-boutique/platform';
import shop from '../../examples/shop/platform';

/**
 * One readable file a manifest, so that a change of what Ashlar derives is a diff that a person can review.
 * To take a change over: `UPDATE_GOLDEN=1 npx jest test/examples/golden.test.ts`.
 */
const GOLDEN = path.join(__dirname, '../golden');
const EXAMPLES = path.join(__dirname, '../../examples');

const examples: readonly (readonly [string, PlatformDefinition, string])[] = [
  ['online-boutique', boutique, 'prod'],
  ['shop', shop, 'prod'],
  ['shop', shop, 'dev'],
];

function fileOf({ manifest, chart }: PlannedObject): string {
  return path.join(chart, `${manifest.kind}.${manifest.metadata.name}.yaml`);
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))).sort();
}

describe.each(examples)('%s', (name, definition, environment) => {
  const plan = makePlan(
    definition,
    loadEnvironment(definition, path.join(EXAMPLES, name, 'environments'), environment),
  );
  const folder = path.join(GOLDEN, name, environment);
  const files = new Map(plan.objects.map((object) => [fileOf(object), toYaml(object.manifest)]));

  if (process.env['UPDATE_GOLDEN'] !== undefined) {
    rmSync(folder, { recursive: true, force: true });
    for (const [file, text] of files) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
  }

  test(`${environment} has the objects that were reviewed`, () => {
    expect([...files.keys()].sort()).toEqual(filesIn(folder));
  });

  test.each([...files])(`${environment} %s is as it was reviewed`, (file, text) => {
    expect(text).toBe(readFileSync(path.join(folder, file), 'utf8'));
  });
});
