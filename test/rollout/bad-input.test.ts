import {
  BoundedContext,
  Duration,
  Microservice,
  Percent,
  Rollout,
  Verify,
  type Plan,
  type VerifyJobProps,
} from 'ashlar';
import { rolloutPlanOf } from '../support/rollouts';
import { toldBy } from '../support/told';

const image = 'registry.example.com/it:1';
const weights = [5, 25];

/** A service that is released so. A program is loaded without a check of its types, so anything may be given. */
function released(rollout: () => unknown, name = 'orders'): Plan {
  return rolloutPlanOf((shop) => {
    const ordering = new BoundedContext(shop, 'ordering', { team: 'a' });
    const props = { image, ports: { http: 8080 }, rollout: rollout() as Rollout };
    const callee = new Microservice(ordering, name, props);
    new Microservice(ordering, 'web', { image }).calls(callee, { timeout: Duration.seconds(2) });
  });
}

const canary = (more: object) => () => Rollout.canary({ weights, ...more });
const testers = (given: unknown) => canary({ testers: given });
const verify = (given: unknown) => canary({ verify: given });
const job = (props: unknown) => verify(Verify.job(props as VerifyJobProps));
const rate = Verify.successRate(Percent.of(99));

const LATENCY = { percentile: 99, under: Duration.millis(300) };
const twice = (name: string) => [`said-twice-differently orders rollout.verify.${name}: two that differ`];

test.each<[string, () => unknown, readonly string[]]>([
  ['a text', () => 'canary', ['bad-value orders rollout: "canary"']],
  ['an object', () => ({ canary: { weights } }), ['bad-value orders rollout: an object']],
  ['null', () => null, ['bad-value orders rollout: null']],
  ['another value', () => rate, ['bad-value orders rollout: a Verify']],
  ['a canary of nothing', () => Rollout.canary(undefined as never), ['bad-value orders rollout: nothing']],
  ['a canary of a list', () => Rollout.canary(weights as never), ['bad-value orders rollout: a list']],
  ['no weights', () => Rollout.canary({} as never), ['bad-weights orders rollout.weights: none']],
  ['weights as a text', canary({ weights: '5,25' }), ['bad-weights orders rollout.weights: "5,25"']],
  ['weights as texts', canary({ weights: ['5', '25'] }), ['bad-weights orders rollout.weights: "5", "25"']],
  ['another name', canary({ holds: 5 }), ['unknown-prop orders rollout.holds: holds']],
  ['a number as a time', canary({ hold: 5 }), ['bad-value orders rollout.hold: 5']],
  ['a long time', canary({ hold: Duration.days(30) }), ['out-of-range orders rollout.hold: 2592000 s']],
  ['keepOld', () => Rollout.blueGreen({ keepOld: 5 } as never), ['bad-value orders rollout.keepOld: 5']],
  ['blue-green of a text', () => Rollout.blueGreen('x' as never), ['bad-value orders rollout: "x"']],
  ['testers as a text', testers('x-canary'), ['bad-value orders rollout.testers: "x-canary"']],
  ['testers as null', testers(null), ['bad-value orders rollout.testers: null']],
  ['testers without value', testers({ header: 'x-a' }), ['bad-header orders rollout.testers.value: undefined']],
  ['a number', testers({ header: 'x-a', value: 7 }), ['bad-header orders rollout.testers.value: 7']],
  ['host', testers({ header: 'Host', value: 'a' }), ['bad-header orders rollout.testers.header: "Host"']],
  [':path', testers({ header: ':path', value: 'a' }), ['bad-header orders rollout.testers.header: ":path"']],
  ['a name of two words', testers({ header: 'X A', value: 'a' }), ['bad-header orders rollout.testers.header: "X A"']],
  [
    'testers by other names',
    testers({ name: 'x-a' }),
    [
      'bad-header orders rollout.testers.header: undefined',
      'bad-header orders rollout.testers.value: undefined',
      'unknown-prop orders rollout.testers.name: name',
    ],
  ],
  [
    'testers misspelt',
    testers({ header: 'x-a', vlaue: 'yes' }),
    ['bad-header orders rollout.testers.value: undefined', 'unknown-prop orders rollout.testers.vlaue: vlaue'],
  ],
  ['a verification as an object', verify({ successRate: 99 }), ['bad-value orders rollout.verify: an object']],
  ['a rate', verify(Verify.successRate(99 as never)), ['bad-value orders rollout.verify.successRate: 99']],
  [
    'above 100 %',
    verify(Verify.successRate(Percent.of(101))),
    ['out-of-range orders rollout.verify.successRate: 101 %'],
  ],
  ['no latency', verify(Verify.latency(undefined as never)), ['bad-value orders rollout.verify.latency: nothing']],
  ['none more', verify(rate.latency(undefined as never)), ['bad-value orders rollout.verify.latency: nothing']],
  [
    'a latency as a number',
    verify(Verify.latency({ percentile: 99, under: 300 } as never)),
    ['bad-value orders rollout.verify.latency.under: 300'],
  ],
  [
    'measured otherwise',
    verify(rate.measured({ windw: 1, every: 2, window: 3 } as never)),
    [
      'bad-value orders rollout.verify.measured.every: 2',
      'bad-value orders rollout.verify.measured.window: 3',
      'unknown-prop orders rollout.verify.measured.windw: windw',
    ],
  ],
  [
    'measured without a figure',
    verify(Verify.job({ image }).measured({ failures: 2 })),
    ['option-without-effect orders rollout.verify.measured: no figure'],
  ],
  [
    'measured with a figure that is none',
    verify(Verify.successRate(99 as never).measured({ failures: 2 })),
    ['bad-value orders rollout.verify.successRate: 99'],
  ],
  ['two jobs', verify(Verify.job({ image }).job({ image: `${image}.2` })), twice('job')],
  ['two rates', verify(rate.successRate(Percent.of(50))), twice('successRate')],
  ['two latencies', verify(Verify.latency(LATENCY).latency({ ...LATENCY, percentile: 50 })), twice('latency')],
  ['two measures', verify(rate.measured({ failures: 1 }).measured({ failures: 2 })), twice('measured')],
  ['a job as a text', job('ghcr.io/x'), ['bad-value orders rollout.verify.job: "ghcr.io/x"']],
  ['a command as a text', job({ image, command: 'x' }), ['bad-value orders rollout.verify.job.command: "x"']],
  ['variables as a text', job({ image, env: 'x' }), ['bad-value orders rollout.verify.job.env: "x"']],
  ['a job without image', job({}), ['bad-image orders rollout.verify.job.image: nothing']],
  ['its time', job({ image, deadline: 5 }), ['bad-value orders rollout.verify.job.deadline: 5']],
  [
    'after the switch',
    () => Rollout.blueGreen({ verifyAfter: Verify.successRate(99 as never) }),
    ['bad-value orders rollout.verifyAfter.successRate: 99'],
  ],
])('a release that is given wrongly is told once, and where: %s', (_, rollout, told) => {
  expect(toldBy(released(rollout))).toEqual(told);
});

test.each([
  ['a figure after how it is measured', Verify.job({ image }).measured({ failures: 2 }).latency(LATENCY)],
  ['the same figure again', rate.successRate(Percent.of(99))],
])('nothing is wrong with %s', (_, given) => {
  expect(toldBy(released(verify(given)))).toEqual([]);
});

test('it says what is wanted, and how it is written', () => {
  expect(released(canary({ hold: 5 })).findings[0]).toMatchObject({
    message: 'rollout.hold wants a Duration.',
    allowed: 'a Duration',
    fix: 'Give a Duration: Duration.seconds(5).',
  });
  expect(released(canary({ hold: Duration.days(30) })).findings[0]).toMatchObject({ allowed: '1 s to 604800 s' });
  expect(released(canary({ holds: 5 })).findings[0]?.allowed).toMatch(/^did you mean hold\?/);
});

test('names of headers are compared in lower case, whatever was given', () => {
  expect(toldBy(released(testers({ header: 'X-Canary', value: 'yes' })))).toEqual([]);
});

test('all is told at once', () => {
  const told = toldBy(
    released(() => Rollout.canary({ weights: 5, hold: 5, testers: 5, verify: 5, promote: 5 } as never)),
  );
  expect(told.map((line) => line.split(' ')[2])).toEqual([
    'rollout.hold:',
    'rollout.testers:',
    'rollout.verify:',
    'rollout.weights:',
    'rollout.promote:',
  ]);
});

const jobs = Verify.job({ image });

test.each<[string, number, () => Rollout]>([
  ['a canary', 56, () => Rollout.canary({ weights })],
  ['a canary with a job', 56, () => Rollout.canary({ weights, verify: jobs })],
  ['blue-green', 55, () => Rollout.blueGreen()],
  ['blue-green with a job before the switch', 55, () => Rollout.blueGreen({ verify: jobs })],
  ['blue-green with a job after it', 50, () => Rollout.blueGreen({ verify: jobs, verifyAfter: jobs })],
])('a name has room for what is made of it, and one that has not is told once: %s, %d', (_, longest, rollout) => {
  const name = (length: number) => 'a'.repeat(length);
  expect(toldBy(released(rollout, name(longest)))).toEqual([]);
  for (const length of [longest + 1, 62]) {
    const { findings } = released(rollout, name(length));
    expect(findings).toMatchObject([
      { code: 'name-too-long', got: `${length} characters`, allowed: `at most ${longest}` },
    ]);
    expect(findings[0]?.path).toBe(`shop/ordering/${name(length)}`);
  }
});
