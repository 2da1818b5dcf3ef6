import type { IWorkload } from './capabilities';
import { OutsideMesh } from './derive/mesh/mesh';
import { problemsOfNeeded } from './kinds';
import { CONSTRUCT, constructWith, saysNothing } from './model/kind';
import { declare, report } from './model/recorder';

/**
 * Keeps the pods of a workload out of the mesh. It can call nobody in the mesh (`caller-outside-mesh`).
 *
 * Errors: `no-reason`, `bad-value`.
 * @param reason - why, for the reviewer and for whoever looks at the pod; not empty
 */
export function outsideMesh(workload: IWorkload, reason: string): void {
  for (const problem of problemsOfNeeded('outsideMesh', workload, RUNNING)) report(workload, problem);
  if (saysNothing(reason)) {
    report(workload, {
      code: 'no-reason',
      message: 'The workload is kept out of the mesh without a reason.',
      field: 'reason',
      got: 'an empty text',
      allowed: 'a sentence',
      fix: 'Say why its traffic has to stay plain.',
    });
  }
  declare(workload, OutsideMesh, { reason });
}

const RUNNING = constructWith<IWorkload>(
  'a workload',
  CONSTRUCT.example,
  ({ workloadName }) => typeof workloadName === 'string',
);
