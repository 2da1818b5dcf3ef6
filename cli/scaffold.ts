import { VERSION } from './version';

/** Files of a new platform, with their contents. */
export function scaffoldFiles(name: string): readonly (readonly [file: string, text: string])[] {
  return [
    ['platform.ts', program(name)],
    ['environments/dev.yaml', environment('development', 'dev')],
    ['environments/prod.yaml', `${environment('production', 'prod')}zones: [zone-a, zone-b, zone-c]\n`],
    ['test/platform.test.ts', TEST],
    ['package.json', packageJson(name)],
    ['tsconfig.json', TSCONFIG],
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

function packageJson(name: string): string {
  const content = {
    name,
    private: true,
    scripts: { synth: 'ashlar synth', check: 'ashlar check', test: 'jest' },
    jest: { preset: 'ashlar' },
    devDependencies: {
      '@types/jest': '^30.0.0',
      ashlar: `^${VERSION}`,
      jest: '^30.0.0',
      typescript: '^5.9.3',
    },
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2023",
    "module": "nodenext",
    "strict": true,
    "noEmit": true,
    "skipLibCheck": true,
    "types": ["jest"]
  },
  "include": ["platform.ts", "test"]
}
`;
