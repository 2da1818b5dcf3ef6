import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { AnyTask } from './any-task';
import { problemsOfTime, secondsOf, upToSeconds } from './kinds';
import { given } from './model/given';
import { report } from './model/recorder';
import { propsOf } from './props';
import { MAX_SECONDS, RUN_NEEDS, RUN_PROPS, runFacts, type RunProps } from './run-props';

/** What a task is told. */
export interface TaskProps extends RunProps {
  /**
   * Deletes the Job so long after its end, its pods and their logs with it. Whole seconds, at least 0 s. Whoever applies
   * the plan after that runs the task again, and a tool that keeps a cluster as it is written (Argo CD, Flux) does so at
   * once, for ever.
   * @defaultValue never: the Job stays, and says that the task has run
   */
  readonly deletedAfter?: Duration;
}

/**
 * Work that ends: it runs once for each version of itself. A Job cannot be changed, so a checksum of all that it runs
 * with (image, arguments, values, configuration) is in its name: what is changed becomes a new Job and runs; what is not
 * changed does not run again. So it has to be safe to repeat.
 *
 * The failures that it prevents: `field is immutable` when a release changes the image; a task without a deadline that
 * hangs; a sidecar that keeps the Job from ending; a drained node that counts as a failure.
 *
 * Errors: `out-of-range`, `name-too-long`, `two-writers`, and those of a container.
 *
 * @example
 * ```ts
 * const seed = new Task(ordering, 'seed', { image: 'ghcr.io/acme/orders:1.4.2', args: ['seed'] });
 * seed.calls(payments, { env: 'PAYMENTS_ADDR' });
 * ```
 */
export class Task extends AnyTask {
  constructor(scope: Construct, id: string, props: TaskProps) {
    super(scope, id, (task) => {
      const said = propsOf(task, props, RUN_NEEDS);
      const { deletedAfter } = said;
      for (const problem of problemsOfTime('deletedAfter', deletedAfter, upToSeconds(MAX_SECONDS, 0)))
        report(task, problem);
      return runFacts(task, said, PROPS, given({ deletedAfterSeconds: secondsOf(deletedAfter, undefined) }));
    });
  }
}

const PROPS: Readonly<Record<keyof TaskProps, true>> = { ...RUN_PROPS, deletedAfter: true };
