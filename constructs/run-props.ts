import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import type { ImageProps } from './container';
import type { RunFacts } from './derive/run';
import type { WorkloadFacts } from './derive/workload';
import { problemsOfTime, secondsOf, upToSeconds } from './kinds';
import { given } from './model/given';
import type { Problem } from './model/finding';
import { report } from './model/recorder';
import { POD_PROPS, podFacts, type PodProps } from './pod-props';
import { SOME_IMAGE, type Needs } from './props';
import { printed, problemOfInteger, unknownProps } from './values';

/** What every task is told, whenever it runs. */
export interface RunProps extends ImageProps, PodProps {
  /**
   * How long it may take, all retries included. Whole seconds, at least 1 s.
   * @defaultValue by the setting `deadlineSeconds`: 1 hour
   */
  readonly deadline?: Duration;
  /**
   * How often it is started again after a failure, 0 to 1000. The waits in between double, from 10 s to 6 minutes
   * (Kubernetes 1.36, "Jobs", Pod backoff failure policy).
   * @defaultValue by the setting `retries`: 3
   */
  readonly retries?: number;
  /** Exit codes of its process, 1 to 255, after which no retry would help. @defaultValue none */
  readonly fatalExitCodes?: readonly number[];
  /**
   * Into how many pieces the work is cut, 1 to 10,000: so many pods have to end well. Above 1, each finds its number, from
   * 0 on, in the variable `JOB_COMPLETION_INDEX`.
   * @defaultValue 1
   */
  readonly completions?: number;
  /** How many of these pods run at once, 1 to `completions`. @defaultValue 1 */
  readonly parallelism?: number;
}

/** The props that all tasks share. */
export const RUN_PROPS = {
  ...POD_PROPS,
  deadline: true,
  retries: true,
  fatalExitCodes: true,
  completions: true,
  parallelism: true,
} as const;

/** What each task is, at least. */
export const RUN_NEEDS: Needs<RunProps> = {
  needed: ['image'],
  example: "{ image: 'ghcr.io/acme/orders:1.4.2' }",
  instead: { image: SOME_IMAGE },
};

/** Most pods of one task. */
const MAX_PODS = 10_000;

/** Longest time in seconds: fields of a Job have 32 bits. */
export const MAX_SECONDS = 2 ** 31 - 1;

const LONG = upToSeconds(MAX_SECONDS);

/** The facts of a task; what is wrong is reported at it. */
export function runFacts(
  task: Construct,
  props: RunProps,
  known: Readonly<Record<string, true>>,
  more: Partial<RunFacts>,
): WorkloadFacts {
  const { retries, completions = 1, parallelism = 1, fatalExitCodes = [] } = props;
  const problems = [
    ...problemsOfTime('deadline', props.deadline, LONG),
    ...(retries === undefined ? [] : problemOfInteger('retries', retries, 0, 1000)),
    ...problemOfInteger('completions', completions, 1, MAX_PODS),
    ...problemOfInteger('parallelism', parallelism, 1, Math.max(1, Math.min(completions, MAX_PODS) || 1)),
    ...problemsOfCodes(fatalExitCodes),
    ...unknownProps(props, known),
  ];
  for (const problem of problems) report(task, problem);
  return {
    ...podFacts(task, props),
    strategy: {
      ...more,
      ...given({ deadlineSeconds: secondsOf(props.deadline, undefined), retries }),
      fatalExitCodes: [...new Set(fatalExitCodes)].sort((a, b) => a - b),
      completions,
      parallelism,
    },
  };
}

/** 0 is success. */
function problemsOfCodes(codes: readonly number[]): readonly Problem[] {
  const wrong = codes.filter((code) => !Number.isInteger(code) || code < 1 || code > 255);
  if (wrong.length === 0) return [];
  return [
    {
      code: 'out-of-range',
      message: 'An exit code that ends the task is none, or means success.',
      field: 'fatalExitCodes',
      got: wrong.map(printed).join(', '),
      allowed: '1 to 255',
      fix: 'Name the codes with which the program says that no retry would help.',
    },
  ];
}
