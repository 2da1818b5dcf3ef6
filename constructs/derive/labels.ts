import type { IConstruct } from 'constructs';
import { componentOf } from '../model/component';
import type { KubeObject } from '../model/kube-object';
import { oncePer, shared } from '../model/shared';

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

type Labels = Readonly<Record<string, string>>;

type Metadata = KubeObject['metadata'] & { readonly namespace: string; readonly labels: Labels };

/** Nearly all constructs have objects of one name. */
const ofConstruct = oncePer((_construct: IConstruct): Metadata[] => []);

/** Metadata of the objects that a construct has under a name: the same for all of them. */
export function sharedMetadata(construct: IConstruct, name: string, namespace: string): Metadata {
  const all = ofConstruct(construct);
  const known = all.find((metadata) => metadata.name === name && metadata.namespace === namespace);
  if (known !== undefined) return known;
  const labels = shared({ [NAME_LABEL]: name, ...ownershipLabels(construct) });
  const metadata = shared({ name, namespace, labels });
  all.push(metadata);
  return metadata;
}

/** A selector of pods by their labels, as objects write it. */
export const selecting = oncePer((labels: Labels) => shared({ matchLabels: { ...labels } }));
