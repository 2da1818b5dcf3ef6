import { PulumiProject } from '../support/pulumi-project';
import { RecordingEngine } from '../support/recording-engine';

const project = new PulumiProject();
const engine = new RecordingEngine();
jest.setTimeout(60_000);
beforeAll(() => engine.start());
afterAll(() => {
  engine.stop();
  project.remove();
});

test('what ashlar new --pulumi makes compiles, and runs as a stack an environment', async () => {
  expect(project.ashlar(['new', 'fresh', '--pulumi'])).toMatchObject({ code: 0, stderr: '' });
  for (const stack of ['dev', 'prod']) {
    const env = { KUBECONFIG: project.path('none') };
    const { error, registered, outputs } = await engine.runProject(project.path('fresh'), { stack, env });
    expect(error).toBeUndefined();
    expect(registered.map(({ name }) => name)).toEqual(expect.arrayContaining(['ordering', 'ordering/orders']));
    expect(outputs['endpoints']).toMatchObject({ 'ordering/orders': 'orders.ordering.svc:8080' });
  }
});

test('a stack without an environment file says so', async () => {
  const { error, registered } = await engine.runProject(project.path('fresh'), { stack: 'qa' });
  expect(error).toMatch(/unknown-environment[\s\S]*environments\/qa\.yaml/);
  expect(registered.filter(({ type }) => type.startsWith('kubernetes:'))).toEqual([]);
});
