import type { IConstruct } from 'constructs';
import { dataOf } from './deferred';
import { recorderOf } from './recorder';
import type { ObjectSelector, PatchOperation } from './records';
import { calledAt } from './source';

/**
 * The way out: changes what was derived for a construct or one of its parts, once, after all derivations and before
 * the checks. A patch that matches no object is a finding (`patch-without-object`), and so is one that does not apply
 * (`patch-failed`).
 *
 * @example
 * ```ts
 * patch(orders, { kind: 'Deployment' }, [{ op: 'add', path: '/spec/template/spec/priorityClassName', value: 'high' }]);
 * ```
 */
export function patch(construct: IConstruct, selector: ObjectSelector, operations: readonly PatchOperation[]): void {
  const recorder = recorderOf(construct);
  const { path } = construct.node;
  recorder.assertOpen(path, () => `a patch of ${selector.kind}`);
  const source = calledAt(`patch(${construct.node.id}, ${selector.kind})`, path, patch);
  recorder.patches.push({
    path,
    selector,
    operations: dataOf(construct, 'patch', operations) as typeof operations,
    source,
  });
}
