/**
 * Disruption budgets. Source: k8s.io/kubernetes v1.36.3 `pkg/apis/policy/validation/validation.go`.
 */
import { checkSelector } from './selector';
import { isKnown, record, type Data, type Report } from './rule';
import { checkShare } from './workload';

/** Checks a PodDisruptionBudget. */
export function checkDisruptionBudget(object: Data, report: Report): void {
  const { minAvailable, maxUnavailable, selector } = record(object['spec']);
  checkSelector(selector, '/spec', 'selector', report);
  checkShare(minAvailable, '/spec', 'minAvailable', report);
  checkShare(maxUnavailable, '/spec', 'maxUnavailable', report);
  if (!isKnown(minAvailable) || !isKnown(maxUnavailable)) return;
  report('/spec/maxUnavailable', {
    code: 'several-choices',
    message: 'a budget says minAvailable or maxUnavailable, not both',
    got: 'both',
    allowed: 'one of them',
    fix: 'remove one of them',
  });
}
