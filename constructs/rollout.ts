import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { StrategyFacts, TestersFacts } from './derive/rollout/facts';
import { given } from './model/given';
import type { Problem } from './model/finding';
import { secondsOf } from './resilience/checks';
import { printed, problemOfChoice, problemOfInteger, unknownProps, type Checked } from './values';
import type { Verify } from './verify';

/** How a canary goes. */
export interface CanaryProps {
  /** Percent of the requests that the new version gets, step by step: whole, rising, 1 to 99. At the end it gets all. */
  readonly weights: readonly number[];
  /** How long each weight is held. Whole seconds, at least 1 s. @defaultValue 5 minutes */
  readonly hold?: Duration;
  /** What has to be so meanwhile; where it is not, the old version gets all requests again. @defaultValue nothing */
  readonly verify?: Verify;
  /** Requests with this header go to the new version from the first step on. @defaultValue none */
  readonly testers?: TestersFacts;
  /** `manual`: after the last weight somebody has to say that it goes on. @defaultValue 'automatic' */
  readonly promote?: 'automatic' | 'manual';
}

/** How a blue-green release goes. */
export interface BlueGreenProps {
  /** What has to be so before the switch: a job, as nobody calls the new version yet. @defaultValue nothing */
  readonly verify?: Verify;
  /** Requests with this header go to the new version before all others do. @defaultValue none */
  readonly testers?: TestersFacts;
  /** What has to be so after it; where it is not, all is switched back. @defaultValue nothing */
  readonly verifyAfter?: Verify;
  /** How long the old version stands after the switch. Whole seconds, at least 1 s. @defaultValue 30 s */
  readonly keepOld?: Duration;
  /** `manual`: somebody has to say when. @defaultValue 'automatic' */
  readonly promote?: 'automatic' | 'manual';
  /** Earlier versions to which one goes back at once, without verification and promotion, 0 to 10. @defaultValue 1 */
  readonly rollbackWindow?: number;
}

/** What is done where nothing is said. 30 s are those of Argo Rollouts 1.10, `scaleDownDelaySeconds`. */
export const ROLLOUT_DEFAULTS = { holdSeconds: 300, keepOldSeconds: 30, rollbackWindow: 1 } as const;

const CANARY: Readonly<Record<keyof CanaryProps, true>> = {
  weights: true,
  hold: true,
  verify: true,
  testers: true,
  promote: true,
};

const BLUE_GREEN: Readonly<Record<keyof BlueGreenProps, true>> = {
  verify: true,
  testers: true,
  verifyAfter: true,
  keepOld: true,
  promote: true,
  rollbackWindow: true,
};

const WHO = ['automatic', 'manual'];

/** Longest time: a week. A release that takes longer is forgotten. */
const MAX_SECONDS = 7 * 24 * 3600;

/** Names of headers (RFC 9110, section 5.6.2), in lower case, as proxies compare them. */
const HEADER = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * How a new version takes over (Canary, Blue-green).
 *
 * @example
 * ```ts
 * Rollout.canary({ weights: [5, 25, 50], hold: Duration.minutes(5), verify: Verify.successRate(Percent.of(99)) });
 * Rollout.blueGreen({ verify: Verify.job({ image: 'ghcr.io/acme/contract-tests:1.0.0' }), promote: 'manual' });
 * ```
 */
export class Rollout implements Checked {
  private constructor(
    private readonly toFacts: (at: IConstruct) => StrategyFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** The new version gets more and more of the requests, and all of them at the end. */
  static canary(props: CanaryProps): Rollout {
    const { weights, hold, verify, testers, promote = 'automatic' } = props;
    const holdSeconds = secondsOf(hold, ROLLOUT_DEFAULTS.holdSeconds);
    const problems = [
      ...problemsOfWeights(weights),
      ...problemOfInteger('rollout.hold', holdSeconds, 1, MAX_SECONDS),
      ...problemsOfTesters(testers),
      ...problemOfChoice('rollout.promote', promote, WHO),
      ...unknownProps(props, CANARY),
      ...(verify?.problems ?? []),
      ...problemsOfHold(holdSeconds, verify),
    ];
    const toFacts = (at: IConstruct): StrategyFacts => ({
      kind: 'canary',
      weights,
      holdSeconds,
      promote,
      ...given({ testers, verify: verify?.factsAt(at, 'verify') }),
    });
    return new Rollout(toFacts, problems);
  }

  /** The new version stands beside the old one and is tested there; then it gets all requests at once. */
  static blueGreen(props: BlueGreenProps = {}): Rollout {
    const { verify, verifyAfter, testers, keepOld, promote = 'automatic' } = props;
    const { rollbackWindow = ROLLOUT_DEFAULTS.rollbackWindow } = props;
    const keepOldSeconds = secondsOf(keepOld, ROLLOUT_DEFAULTS.keepOldSeconds);
    const problems = [
      ...problemOfInteger('rollout.keepOld', keepOldSeconds, 1, MAX_SECONDS),
      ...problemOfInteger('rollout.rollbackWindow', rollbackWindow, 0, 10),
      ...problemsOfTesters(testers),
      ...problemOfChoice('rollout.promote', promote, WHO),
      ...unknownProps(props, BLUE_GREEN),
      ...(verify?.problems ?? []),
      ...(verifyAfter?.problems ?? []),
      ...problemsOfFigures(verify),
    ];
    const toFacts = (at: IConstruct): StrategyFacts => ({
      kind: 'blue-green',
      keepOldSeconds,
      promote,
      rollbackWindow,
      ...given({
        testers,
        verify: verify?.factsAt(at, 'verify'),
        verifyAfter: verifyAfter?.factsAt(at, 'verify-after'),
      }),
    });
    return new Rollout(toFacts, problems);
  }

  /** As facts; what is wrong with its containers is reported at the construct. */
  factsAt(at: IConstruct): StrategyFacts {
    return this.toFacts(at);
  }
}

function problemsOfWeights(weights: readonly number[]): readonly Problem[] {
  const rising = weights.every((weight, index) => index === 0 || weight > (weights[index - 1] ?? 0));
  const whole = weights.every((weight) => Number.isInteger(weight) && weight >= 1 && weight <= 99);
  if (weights.length > 0 && rising && whole) return [];
  return [
    {
      code: 'bad-weights',
      message: 'The weights of a canary do not rise from step to step, or are no shares of the requests.',
      field: 'rollout.weights',
      got: weights.map(printed).join(', ') || 'none',
      allowed: 'whole percents from 1 to 99, each above the one before',
      fix: 'Write them in rising order: [5, 25, 50]. The last step, to 100, comes by itself.',
    },
  ];
}

/** A weight is held for as long as its figures need, or it is over before it was judged. */
function problemsOfHold(holdSeconds: number, verify: Verify | undefined): readonly Problem[] {
  const least = verify?.leastSeconds ?? 0;
  if (holdSeconds >= least) return [];
  return [
    {
      code: 'hold-too-short',
      message: 'A weight is over before its figures say anything.',
      field: 'rollout.hold',
      got: `${holdSeconds} s`,
      allowed: `at least ${least} s: the time between two measurements, and how far back each looks`,
      fix: 'Hold longer, or measure more often: verify.measured({ every, window }).',
    },
  ];
}

/** Of a version that nobody calls yet there are no figures. */
function problemsOfFigures(verify: Verify | undefined): readonly Problem[] {
  if ((verify?.leastSeconds ?? 0) === 0) return [];
  return [
    {
      code: 'verification-without-requests',
      message: 'Before the switch nobody calls the new version, so that there is nothing to measure.',
      field: 'rollout.verify',
      got: 'figures',
      allowed: 'a job; figures in verifyAfter',
      fix: 'Move the figures to verifyAfter.',
    },
  ];
}

function problemsOfTesters(testers: TestersFacts | undefined): readonly Problem[] {
  if (testers === undefined || (HEADER.test(testers.header) && testers.value !== '')) return [];
  return [
    {
      code: 'bad-header',
      message: 'Testers cannot be told by that header.',
      field: 'rollout.testers',
      got: `${printed(testers.header)}: ${printed(testers.value)}`,
      allowed: 'the name of a header in lower case, and a value',
      fix: "Write it as in { header: 'x-canary', value: 'yes' }.",
    },
  ];
}
