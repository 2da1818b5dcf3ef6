import { VERSION } from './version';

/** More about a new platform. */
export interface ScaffoldOptions {
  /** It is a Pulumi project, too: one stack an environment. */
  readonly pulumi: boolean;
}

/** Files of a new platform, with their contents. */
export function scaffoldFiles(
  name: string,
  { pulumi }: ScaffoldOptions,
): readonly (readonly [file: string, text: string])[] {
  return [
    ...(pulumi ? pulumiFiles(name) : []),
    ['platform.ts', program(name)],
    ['environments/dev.yaml', environment('development', 'dev')],
    ['environments/prod.yaml', `${environment('production', 'prod')}zones: [zone-a, zone-b, zone-c]\n`],
    ['test/platform.test.ts', TEST],
    ['package.json', packageJson(name, pulumi)],
    ['tsconfig.json', tsconfig(pulumi ? ['index.ts', ...SOURCES] : SOURCES)],
    ['.gitignore', 'node_modules/\nk8s/\n'],
  ];
}

function program(name: string): string {
  return `import { BoundedContext, Microservice, Scale, definePlatform } from 'ashlar';

export default definePlatform('${name}', (platform) => {
  const ordering = new BoundedContext(platform, 'ordering', { team: 'orders', subdomain: 'core' });

  const inventory = new Microservice(ordering, 'inventory', {
    image: 'ghcr.io/acme/inventory:1.0.0',
    ports: { grpc: 9090 },
  });

  const orders = new Microservice(ordering, 'orders', {
    image: 'ghcr.io/acme/orders:1.0.0',
    ports: { http: 8080 },
    scale: Scale.between(3, 10),
  });

  orders.calls(inventory, { env: 'INVENTORY_ADDR' });
});
`;
}

function environment(tier: string, name: string): string {
  const schema = '# yaml-language-server: $schema=../node_modules/ashlar/dist/environment.schema.json\n';
  return `${schema}tier: ${tier}\nkubernetes: "1.36"\ndomain: ${name}.example.com\n`;
}

const TEST = `import { synthesize } from 'ashlar/testing';
import platform from '../platform';

const plan = synthesize(platform, { environment: 'prod' });

test('orders reaches inventory, and nobody else does', () => {
  expect(plan).toAllow('orders', 'inventory', 9090);
  expect(plan).not.toAllow('inventory', 'orders', 8080);
});

test('nothing is wrong', () => {
  expect(plan).toHaveNoFindings();
});
`;

function packageJson(name: string, pulumi: boolean): string {
  const content = {
    name,
    private: true,
    ...(pulumi && { main: 'index.ts' }),
    scripts: { synth: 'ashlar synth', check: 'ashlar check', test: 'jest' },
    jest: { preset: 'ashlar' },
    ...(pulumi && { dependencies: PULUMI_PACKAGES }),
    devDependencies: {
      '@types/jest': '^30.0.0',
      ashlar: `^${VERSION}`,
      jest: '^30.0.0',
      // The launcher of the command: it fetches the command itself on first use.
      ...(pulumi && { pulumi: PULUMI_LAUNCHER }),
      typescript: '^5.9.3',
    },
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** What is compiled. */
const SOURCES = ['platform.ts', 'test'];

function tsconfig(include: readonly string[]): string {
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['jest'],
  };
  return `${JSON.stringify({ compilerOptions, include }, undefined, 2)}\n`;
}

const PULUMI_PACKAGES = { '@pulumi/kubernetes': '^4.34.2', '@pulumi/pulumi': '^3.270.0' } as const;

/** The launcher has versions of its own. */
const PULUMI_LAUNCHER = '^3.265.0';

/** One stack an environment, called as its file. */
function pulumiFiles(name: string): readonly (readonly [string, string])[] {
  return [
    ['index.ts', INDEX],
    ['Pulumi.yaml', pulumiYaml(name)],
    [
      'Pulumi.dev.yaml',
      '# What differs by stack and is no business of the platform: pulumi config set --secret NAME\nconfig: {}\n',
    ],
    ['Pulumi.prod.yaml', 'config: {}\n'],
  ];
}

function pulumiYaml(name: string): string {
  return `name: ${name}\ndescription: The platform ${name}, one stack an environment.\nruntime:\n  name: nodejs\n  options:\n    packagemanager: npm\n`;
}

const INDEX = `import * as pulumi from '@pulumi/pulumi';
import { deploy } from 'ashlar/stacks';
import platform from './platform';

export const { endpoints, objects } = deploy(platform, { environment: pulumi.getStack() });
`;
