/** Builds the pattern of docs/adding-a-pattern.md from the page's own blocks. The page's test file runs in docs.test.ts. */
import { displayNameOf, definePlatform, type Extension, type Plan } from 'ashlar';
import { makePlan, plainEnvironment } from 'ashlar/charts';
import { environmentFileSchema } from '../charts/environment-shape';
import { validateData } from '../charts/validate-data';
import { isPlatformDefinition, type PlatformDefinition } from '../constructs/define-platform';
import { piecesOf } from '../charts/synthesize';
import { blocksOf } from './support/docs-blocks';
import { moduleOf, runModule } from './support/docs-program';

const modules = blocksOf('docs/adding-a-pattern.md')
  .filter(({ language }) => language === 'ts')
  .map(moduleOf);

function exportsOf(file: string): Readonly<Record<string, unknown>> {
  const module = modules.find(({ block }) => block.words.get('file') === file);
  if (module === undefined) throw new Error(`the page has no block file=${file}`);
  return runModule(module, modules);
}

function platform(): PlatformDefinition {
  const definition = exportsOf('platform.ts')['default'];
  if (!isPlatformDefinition(definition)) throw new Error('the page exports no platform');
  return definition;
}

const planOf = (definition: PlatformDefinition): Plan => makePlan(definition, plainEnvironment('dev', 'development'));
const find = (plan: Plan, name: string) => plan.objects.find(({ manifest }) => displayNameOf(manifest) === name);

test('every block of the page has its file', () => {
  const files = modules.map(({ block }) => block.words.get('file'));
  expect(files).toEqual([
    'leader-election/derive.ts',
    'leader-election/leader-lease.ts',
    'leader-election/index.ts',
    'platform.ts',
    'test/leader-election.test.ts',
  ]);
});

test('the derived object is in the plan, and says what made it', () => {
  const plan = planOf(platform());
  const lease = find(plan, 'Lease/ordering/settlement-run');
  expect(plan.findings).toEqual([]);
  expect(lease).toMatchObject({
    construct: 'shop/ordering/settlement-run',
    chart: 'ordering',
    derivation: 'acme.leases',
  });
  expect(lease?.sources.map(({ by }) => by)).toEqual(['settlement.acme.stands-for(settlement-run)']);
});

test('a facet of another pattern takes its parts', () => {
  const template = find(planOf(platform()), 'Deployment/ordering/settlement')?.manifest['spec'];
  expect(template).toMatchObject({
    template: {
      spec: {
        automountServiceAccountToken: true,
        containers: [
          {
            env: [
              { name: 'LEASE_NAME', value: 'settlement-run' },
              { name: 'LEASE_SECONDS', value: '60' },
              { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            ],
          },
        ],
      },
    },
  });
});

test('its setting is known to environment files, with its range', () => {
  const schema = environmentFileSchema(piecesOf(platform()));
  expect(validateData(schema, { tier: 'production', settings: { leaseSeconds: 30 } })).toEqual([]);
  expect(validateData(schema, { tier: 'production', settings: { leaseSeconds: 1 } })).toHaveLength(1);
});

test('without the extension nothing of it is there', () => {
  const definition = platform();
  const plan = planOf(definePlatform('shop', (shop) => definition.program(shop, {})));
  expect(find(plan, 'Lease/ordering/settlement-run')).toBeUndefined();
});

test('the extension is named twice: told', () => {
  const { leaderElection } = exportsOf('leader-election/index.ts') as { readonly leaderElection: Extension };
  const twice = definePlatform('shop', { extensions: [leaderElection, leaderElection] }, () => undefined);
  expect(() => planOf(twice)).toThrow('duplicate-piece');
});
