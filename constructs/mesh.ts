import type { IWorkload } from './capabilities';
import { OutsideMesh } from './derive/mesh/mesh';
import { declare, report } from './model/recorder';

/**
 * Keeps the pods of a workload out of the mesh. It can call nobody in the mesh (`caller-outside-mesh`).
 *
 * Errors: `no-reason`.
 * @param reason - why, for the reviewer and for whoever looks at the pod; not empty
 */
export function outsideMesh(workload: IWorkload, reason: string): void {
  if (reason.trim() === '') {
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
