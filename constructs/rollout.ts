import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { StrategyFacts, TestersFacts } from './derive/rollout/facts';
import { given } from './model/given';
import type { Problem } from './model/finding';
import { factsOfMatch, problemsOfMatch } from './gateway/headers';
import {
  kindOf,
  membersOf,
  problemsOfOptions,
  problemsOfTime,
  problemsOfValue,
  secondsOf,
  soundOf,
  upToSeconds,
} from './kinds';
import { printed, problemOfChoice, problemOfInteger, type Checked } from './values';
import { Verify } from './verify';

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
const TIME = upToSeconds(7 * 24 * 3600);

const VERIFY = kindOf(Verify, 'Verify.successRate(Percent.of(99))');

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
    const said = membersOf(props);
    const { weights, hold, testers, promote = 'automatic', ...others } = said;
    const verify = soundOf(others.verify, VERIFY);
    const holdSeconds = secondsOf(hold, ROLLOUT_DEFAULTS.holdSeconds);
    const problems = [
      ...problemsOfOptions('rollout', props, CANARY, 'Rollout.canary({ weights: [5, 25, 50] })'),
      ...(said === props ? problemsOfWeights(weights) : []),
      ...problemsOfTime('rollout.hold', hold, TIME),
      ...problemsOfTesters(testers),
      ...problemOfChoice('rollout.promote', promote, WHO),
      ...problemsOfVerify('verify', others.verify),
      ...problemsOfHold(holdSeconds, verify),
    ];
    const toFacts = (at: IConstruct): StrategyFacts => ({
      kind: 'canary',
      weights: Array.isArray(weights) ? weights : [],
      holdSeconds,
      promote,
      ...given({ testers: testersFacts(testers), verify: verify?.factsAt(at, 'verify') }),
    });
    return new Rollout(toFacts, problems);
  }

  /** The new version stands beside the old one and is tested there; then it gets all requests at once. */
  static blueGreen(props: BlueGreenProps = {}): Rollout {
    const { testers, keepOld, promote = 'automatic', ...others } = membersOf(props);
    const { rollbackWindow = ROLLOUT_DEFAULTS.rollbackWindow } = others;
    const verify = soundOf(others.verify, VERIFY);
    const verifyAfter = soundOf(others.verifyAfter, VERIFY);
    const problems = [
      ...problemsOfOptions('rollout', props, BLUE_GREEN, 'Rollout.blueGreen({ keepOld: Duration.minutes(5) })'),
      ...problemsOfTime('rollout.keepOld', keepOld, TIME),
      ...problemOfInteger('rollout.rollbackWindow', rollbackWindow, 0, 10),
      ...problemsOfTesters(testers),
      ...problemOfChoice('rollout.promote', promote, WHO),
      ...problemsOfVerify('verify', others.verify),
      ...problemsOfVerify('verifyAfter', others.verifyAfter),
      ...problemsOfFigures(verify),
    ];
    const toFacts = (at: IConstruct): StrategyFacts => ({
      kind: 'blue-green',
      keepOldSeconds: secondsOf(keepOld, ROLLOUT_DEFAULTS.keepOldSeconds),
      promote,
      rollbackWindow,
      ...given({
        testers: testersFacts(testers),
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

/** A verification does not know which of the two it is. */
function problemsOfVerify(prop: 'verify' | 'verifyAfter', verify: Verify | undefined): readonly Problem[] {
  return problemsOfValue(prop, verify, VERIFY).map((problem) => ({
    ...problem,
    field: (problem.field ?? '').replace(/^verify(After)?/, `rollout.${prop}`),
  }));
}

function problemsOfWeights(given: unknown): readonly Problem[] {
  const weights: readonly unknown[] = Array.isArray(given) ? given : [];
  const rising = weights.every((weight, index) => index === 0 || Number(weight) > Number(weights[index - 1]));
  const whole = weights.every((weight) => problemOfInteger('', weight, 1, 99).length === 0);
  if (weights.length > 0 && rising && whole) return [];
  return [
    {
      code: 'bad-weights',
      message: 'The weights of a canary do not rise from step to step, or are no shares of the requests.',
      field: 'rollout.weights',
      got: weightsInWords(given),
      allowed: 'whole percents from 1 to 99, each above the one before',
      fix: 'Write them in rising order: [5, 25, 50]. The last step, to 100, comes by itself.',
    },
  ];
}

function weightsInWords(given: unknown): string {
  if (given === undefined) return 'none';
  return Array.isArray(given) ? given.map(printed).join(', ') || 'none' : printed(given);
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
      allowed: `at least ${least} s: how far back the first measurement looks, and the time to the second`,
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
  return testers === undefined ? [] : problemsOfMatch('rollout.testers', testers);
}

/** Whatever is wrong with it, so that all that reads it goes on. */
function testersFacts(testers: TestersFacts | undefined): TestersFacts | undefined {
  return problemsOfTesters(testers).length > 0 || testers === undefined ? undefined : factsOfMatch(testers);
}
