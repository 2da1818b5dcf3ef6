import type { IConstruct } from 'constructs';
import { componentOf } from '../model/component';

/** Prefix of the labels and annotations that are Ashlar's own. */
export const LABEL_PREFIX = 'ashlar.dev';

/** Label that Kubernetes itself puts on each namespace (since 1.21). */
export const NAMESPACE_LABEL = 'kubernetes.io/metadata.name';

/** The label by which a workload's pods are found. It never changes, since selectors cannot (`Deployment.spec.selector`). */
export const NAME_LABEL = 'app.kubernetes.io/name';

/** Labels of every object of a construct: who owns it, what it belongs to. */
export function ownershipLabels(construct: IConstruct): Readonly<Record<string, string>> {
  return componentOf(construct).labels;
}
