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

const namedLabels = oncePer((_construct: IConstruct) => new Map<string, Labels>());

/** Labels of the objects that a construct has under a name: the name, and who owns it. */
export function labelsOf(construct: IConstruct, name: string): Labels {
  const known = namedLabels(construct);
  let labels = known.get(name);
  if (labels === undefined) known.set(name, (labels = shared({ [NAME_LABEL]: name, ...ownershipLabels(construct) })));
  return labels;
}

const metadata = oncePer((_construct: IConstruct) => new Map<string, KubeObject['metadata']>());

/** Metadata of the objects that a construct has under a name: the same for all of them. */
export function sharedMetadata(construct: IConstruct, name: string, namespace: string): KubeObject['metadata'] {
  const known = metadata(construct);
  const key = `${namespace}/${name}`;
  let made = known.get(key);
  if (made === undefined) known.set(key, (made = shared({ name, namespace, labels: labelsOf(construct, name) })));
  return made;
}

/** A selector of pods by their labels, as objects write it. */
export const selecting = oncePer((labels: Labels) => shared({ matchLabels: { ...labels } }));
