import { displayNameOf, type PlannedObject } from 'ashlar';
import { deploy } from 'ashlar/stacks';
import boutique from '../../examples/online-boutique/platform';
import shop from '../../examples/shop/platform';
import { allExamples, type Example } from '../proof/support/examples';
import { isPart } from '../support/docs-plans';
import { RecordingEngine, type Recorded, type Recording } from '../support/recording-engine';

const engine = new RecordingEngine();
jest.setTimeout(60_000);
beforeAll(() => engine.start());
afterAll(() => engine.stop());

const DEFINITIONS = { 'online-boutique': boutique, shop } as const;

/** Milliseconds that an answer takes: another number for each name, the same in each run. */
const delay = (name: string): number => [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 7;

function run({ name, environment }: Example): Promise<Recording> {
  const folder = `examples/${name}/environments`;
  const program = (): object => {
    const { endpoints, objects } = deploy(DEFINITIONS[name as keyof typeof DEFINITIONS], { environment, folder });
    return { endpoints, objects };
  };
  return engine.run(program, { delay });
}

function registeredFor({ manifest }: PlannedObject, { registered }: Recording): Recorded | undefined {
  const { kind, metadata } = manifest;
  const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  return registered.find((one) => one.name === name && one.type.endsWith(`:${kind}`));
}

/** JSON pointers of what is there and not planned. */
function additions(planned: unknown, sent: unknown, at = ''): readonly string[] {
  if (typeof sent !== 'object' || sent === null) return [];
  return Object.entries(sent).flatMap(([key, value]) => {
    const own = (planned as Record<string, unknown> | undefined)?.[key];
    return own === undefined ? [`${at}/${key}`] : additions(own, value, `${at}/${key}`);
  });
}

describe.each(allExamples())('$name in $environment', (example) => {
  const { plan } = example;
  let recording: Recording;
  beforeAll(async () => {
    recording = await run(example);
  });

  test('each object is one resource, with every field of the plan', () => {
    expect(recording.error).toBeUndefined();
    const kubernetes = recording.registered.filter(({ type }) => type.startsWith('kubernetes:'));
    expect(kubernetes).toHaveLength(plan.objects.length);
    const lost = plan.objects.filter((object) => !isPart(object.manifest, registeredFor(object, recording)?.inputs));
    expect(lost.map(({ manifest }) => displayNameOf(manifest))).toEqual([]);
  });

  test('nothing is added but what the provider reads', () => {
    const added = plan.objects.flatMap((object) =>
      additions(object.manifest, registeredFor(object, recording)?.inputs),
    );
    const others = added.filter((at) => !/^\/metadata\/annotations(\/pulumi\.com\/\w+)?$/.test(at));
    expect(others).toEqual([]);
    expect(added.length).toBeGreaterThanOrEqual(plan.objects.length);
  });

  test('nothing is sent before all that it needs is done', () => {
    const early = plan.objects.flatMap((object) => {
      const sent = registeredFor(object, recording);
      const done = recording.doneBefore.get(sent?.urn ?? '');
      return object.dependsOn
        .filter(({ on }) => done?.has(registeredFor(on, recording)?.urn ?? '') !== true)
        .map(({ on }) => `${displayNameOf(object.manifest)} before ${displayNameOf(on.manifest)}`);
    });
    expect(early).toEqual([]);
  });

  test('the order of deployment is one that the engine knows, too', () => {
    const missing = plan.objects.flatMap((object) => {
      const known = registeredFor(object, recording)?.dependencies;
      return object.dependsOn.filter(({ on }) => known?.includes(registeredFor(on, recording)?.urn ?? '') !== true);
    });
    expect(missing).toEqual([]);
  });

  test('the endpoints of all Services are outputs of the stack', () => {
    const services = plan.objects.filter(({ manifest }) => manifest.kind === 'Service');
    const endpoints = Object.keys(recording.outputs['endpoints'] as object).map((name) => name.split(':')[0]);
    expect([...new Set(endpoints)].sort()).toEqual(
      services.map(({ manifest: { metadata } }) => `${metadata.namespace}/${metadata.name}`).sort(),
    );
    expect(recording.outputs['objects']).toEqual(plan.objects.map(({ manifest }) => displayNameOf(manifest)));
  });
});
