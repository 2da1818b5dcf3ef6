import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import type { IEndpoint } from './capabilities';
import { Aggregation, Gathers } from './derive/aggregator';
import { Calls } from './derive/calls';
import { Microservice, type MicroserviceProps } from './microservice';
import { declare, relate, report } from './model/recorder';
import { millisecondsOf, problemsOfNeededTime } from './kinds';
import { problemOfChoice, unknownProps } from './values';

/** What an aggregator is told. */
export interface AggregatorProps extends MicroserviceProps {
  /** Longest time until it answers, whatever its branches do. At least as long as each of them. */
  readonly deadline: Duration;
}

/** What a branch is told. */
export interface BranchOptions {
  /** Longest time that it may take. The mesh cuts it off. */
  readonly deadline: Duration;
  /** Name of the peer's port. @defaultValue its only one */
  readonly port?: string;
  /** When it fails: the whole fails, or goes on without this part. @defaultValue 'fail' */
  readonly onFailure?: 'fail' | 'omit';
}

const BRANCH: Readonly<Record<keyof BranchOptions, true>> = { deadline: true, port: true, onFailure: true };

/**
 * A service that asks several others at once and answers with what they say (Aggregator). Its program reads its branches
 * from `AGGREGATOR_BRANCHES` (JSON: name, address, deadline, what to do on failure) and its own time from
 * `AGGREGATOR_DEADLINE_MS`; the mesh sees to the deadline of each branch.
 *
 * Errors: `deadline-below-branch`, `timeout-below-deadline`, `nothing-gathered`, `out-of-range`, `mesh-cannot`.
 *
 * @example
 * ```ts
 * const page = new Aggregator(ordering, 'order-page', {
 *   image: 'ghcr.io/acme/order-page:1.0.0',
 *   ports: { http: 8080 },
 *   deadline: Duration.millis(800),
 * });
 * page.gathers(orders, { deadline: Duration.millis(500) });
 * ```
 */
export class Aggregator extends Microservice {
  constructor(scope: Construct, id: string, props: AggregatorProps) {
    const { deadline, ...rest } = props;
    super(scope, id, rest);
    const deadlineMs = millisecondsOf(deadline, 0);
    for (const problem of problemsOfNeededTime('deadline', deadline)) report(this, problem);
    declare(this, Aggregation, { deadlineMs });
  }

  /** Names a branch: a service that is asked beside the others. */
  gathers(peer: IEndpoint, options: BranchOptions): this {
    const { deadline, port = '', onFailure = 'fail' } = options;
    const deadlineMs = millisecondsOf(deadline, 0);
    const problems = [
      ...problemsOfNeededTime('deadline', deadline),
      ...problemOfChoice('onFailure', onFailure, ['fail', 'omit']),
      ...unknownProps(options, BRANCH),
    ];
    for (const problem of problems) report(this, problem);
    const isTaken = relate(Gathers, this, peer, { port, deadlineMs, onFailure });
    if (isTaken) relate(Calls, this, peer, { port, env: {}, resilience: { timeoutMs: deadlineMs } });
    return this;
  }
}
