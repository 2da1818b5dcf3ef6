import { isDeepStrictEqual } from 'node:util';
import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { containerFacts, envParts, type ImageProps } from './container';
import type { MetricsFacts, VerifyFacts, VerifyJobFacts } from './derive/rollout/facts';
import { given } from './model/given';
import type { Problem } from './model/finding';
import {
  PERCENT,
  membersOf,
  millisecondsOf,
  problemsOfNeededShare,
  problemsOfNeededTime,
  problemsOfOptions,
  problemsOfTime,
  secondsOf,
  soundOf,
  upToSeconds,
} from './kinds';
import { problemOfInteger, type Checked, type Percent } from './values';

/** Which answers have to come how fast. */
export interface LatencyOptions {
  /** Share of the requests, in percent, 1 to 99: 99 for the slowest one in a hundred. */
  readonly percentile: number;
  /** Time within which they are answered. Whole milliseconds, at least 1 ms. */
  readonly under: Duration;
}

/** How often is measured. */
export interface MeasureOptions {
  /** Time between two measurements. Whole seconds, at least 1 s. @defaultValue 1 minute */
  readonly every?: Duration;
  /** How far back each looks. Whole seconds, at least 1 s. @defaultValue 2 minutes */
  readonly window?: Duration;
  /** Measurements that may fail before the release is taken back, 0 to 100. @defaultValue 0 */
  readonly failures?: number;
}

/** A container that tests a version from outside. */
export interface VerifyJobProps extends ImageProps {
  /** Most time that it may take. Whole seconds, at least 1 s. @defaultValue 10 minutes */
  readonly deadline?: Duration;
}

const JOB_PROPS: Readonly<Record<keyof VerifyJobProps, true>> = {
  image: true,
  command: true,
  args: true,
  env: true,
  resources: true,
  deadline: true,
};

const LATENCY: Readonly<Record<keyof LatencyOptions, true>> = { percentile: true, under: true };

const MEASURED: Readonly<Record<keyof MeasureOptions, true>> = { every: true, window: true, failures: true };

/** Where it stands, whichever of the two verifications of a release it is. */
const FIELD = 'verify';

/** No measurement and no test takes longer. */
const DAY = upToSeconds(86_400);

/** How is measured where nothing else is said: a window of two measurements, so that one slow scrape decides nothing. */
export const VERIFY_DEFAULTS = { everySeconds: 60, windowSeconds: 120, failures: 0, deadlineSeconds: 600 } as const;

const { deadlineSeconds: DEADLINE, ...MEASURES } = VERIFY_DEFAULTS;

type Measured = Omit<MetricsFacts, keyof typeof MEASURES>;

/**
 * What a new version has to show before it gets more requests: figures that the mesh measures, a test that ends well, or
 * both.
 *
 * @example
 * ```ts
 * Verify.successRate(Percent.of(99)).latency({ percentile: 99, under: Duration.millis(300) });
 * ```
 */
export class Verify implements Checked {
  private constructor(
    private readonly figures: Measured,
    private readonly measures: Omit<MetricsFacts, keyof Measured>,
    private readonly test: VerifyJobProps | undefined,
    private readonly told: readonly Problem[],
  ) {}

  /** What was given wrongly. */
  get problems(): readonly Problem[] {
    const isUnread = this.measures !== MEASURES && Object.keys(this.figures).length === 0;
    return isUnread && this.told.length === 0 ? [UNREAD] : this.told;
  }

  /** At least this share of the requests ends without an error of the server: a status from 500, and what gRPC has for it. */
  static successRate(least: Percent): Verify {
    return Verify.#nothing().successRate(least);
  }

  /** So many of the requests are answered in time. */
  static latency(options: LatencyOptions): Verify {
    return Verify.#nothing().latency(options);
  }

  /**
   * A container that ends well. It finds the version that it is to test in the variable `TARGET` (`host:port`), and in
   * `TARGET_<PORT>` where there are several ports.
   */
  static job(props: VerifyJobProps): Verify {
    return Verify.#nothing().job(props);
  }

  static #nothing(): Verify {
    return new Verify({}, MEASURES, undefined, []);
  }

  /** See `Verify.successRate`. */
  successRate(least: Percent): Verify {
    const successPercent = soundOf(least, PERCENT)?.value;
    return this.#with(given({ successPercent }), [
      ...problemsOfNeededShare(`${FIELD}.successRate`, least),
      ...problemsOfTwo('successRate', this.figures.successPercent, successPercent),
    ]);
  }

  /** See `Verify.latency`. */
  latency(options: LatencyOptions): Verify {
    const field = `${FIELD}.latency`;
    const wrong = problemsOfOptions(field, options, LATENCY, '{ percentile: 99, under: Duration.millis(300) }');
    const said = membersOf(options);
    if (said !== options) return this.#with({}, wrong);
    const { percentile, under } = options;
    const latency = { percentile, underMs: millisecondsOf(under, 0) };
    return this.#with({ latency }, [
      ...wrong,
      ...problemsOfTwo('latency', this.figures.latency, latency),
      ...problemOfInteger(`${field}.percentile`, percentile, 1, 99),
      ...problemsOfNeededTime(`${field}.under`, under),
    ]);
  }

  /** See `Verify.job`. */
  job(props: VerifyJobProps): Verify {
    const problems = problemsOfOptions(
      `${FIELD}.job`,
      props,
      JOB_PROPS,
      "Verify.job({ image: 'ghcr.io/acme/tests:1.0.0' })",
    );
    const said = membersOf(props);
    const test = said === props ? props : this.test;
    return new Verify(this.figures, this.measures, test, [
      ...this.told,
      ...problems,
      ...problemsOfTwo('job', this.test, test),
      ...problemsOfTime(`${FIELD}.job.deadline`, said.deadline, DAY),
    ]);
  }

  /** Says how often is measured, how far back, and how many measurements may fail. */
  measured(options: MeasureOptions): Verify {
    const { every, window, failures = MEASURES.failures } = membersOf(options);
    const measures = {
      everySeconds: secondsOf(every, MEASURES.everySeconds),
      windowSeconds: secondsOf(window, MEASURES.windowSeconds),
      failures,
    };
    return new Verify(this.figures, measures, this.test, [
      ...this.told,
      ...problemsOfTwo('measured', this.measures === MEASURES ? undefined : this.measures, measures),
      ...problemsOfOptions(`${FIELD}.measured`, options, MEASURED, '{ every: Duration.minutes(1) }'),
      ...problemsOfTime(`${FIELD}.measured.every`, every, DAY),
      ...problemsOfTime(`${FIELD}.measured.window`, window, DAY),
      ...problemOfInteger(`${FIELD}.measured.failures`, failures, 0, 100),
    ]);
  }

  /** Least time in which its figures say something, in seconds; 0 where it has none. */
  get leastSeconds(): number {
    const { everySeconds, windowSeconds } = this.measures;
    return Object.keys(this.figures).length === 0 ? 0 : windowSeconds + everySeconds;
  }

  /** As facts; what is wrong with the container is reported at the construct. */
  factsAt(at: IConstruct, name: string): VerifyFacts {
    const metrics = Object.keys(this.figures).length === 0 ? undefined : { ...this.figures, ...this.measures };
    return given({ metrics, job: this.test === undefined ? undefined : jobFacts(at, name, this.test) });
  }

  #with(more: Measured, problems: readonly Problem[]): Verify {
    return new Verify({ ...this.figures, ...more }, this.measures, this.test, [...this.told, ...problems]);
  }
}

const UNREAD: Problem = {
  code: 'option-without-effect',
  message: 'A verification without figures measures nothing, however often.',
  field: `${FIELD}.measured`,
  got: 'no figure',
  allowed: 'successRate, latency or both',
  fix: 'Add a figure, or leave measured out: a job says by deadline how long it may take.',
};

/** Of two that are said only one would hold. */
function problemsOfTwo(name: string, before: unknown, now: unknown): readonly Problem[] {
  if (before === undefined || now === undefined || isDeepStrictEqual(before, now)) return [];
  return [
    {
      code: 'said-twice-differently',
      message: `verify.${name} is said twice, and only one of them would hold.`,
      field: `${FIELD}.${name}`,
      got: 'two that differ',
      allowed: 'one saying, or the same in each',
      fix: name === 'job' ? 'Keep one of them: a job may test more than one thing.' : 'Keep one of them.',
    },
  ];
}

function jobFacts(at: IConstruct, name: string, props: VerifyJobProps): VerifyJobFacts {
  const prefix = `rollout.${name === 'verify' ? 'verify' : 'verifyAfter'}.job.`;
  return {
    container: containerFacts(at, name, props, prefix),
    env: envParts(at, props.env, prefix),
    deadlineSeconds: secondsOf(props.deadline, DEADLINE),
  };
}
