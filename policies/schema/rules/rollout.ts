/**
 * What a server keeps of the pods of a Rollout that it does not keep of others: its definition names the keys by which lists
 * are merged, and a list with two elements of one key is refused. Source: `x-kubernetes-list-map-keys` in
 * argo-rollouts v1.10.1 `manifests/crds/rollout-crd.yaml`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { duplicateIndex } from '../limits';
import { print } from '../print';
import { list, record, type Data, type Report } from './rule';

/** Lists by the keys of their elements; those of which other rules tell already are not among them. */
const POD_LISTS: readonly (readonly [field: string, keys: readonly string[]])[] = [
  ['hostAliases', ['ip']],
  ['imagePullSecrets', ['name']],
];
const CONTAINER_LISTS: readonly (readonly [field: string, keys: readonly string[]])[] = [
  ['env', ['name']],
  ['ports', ['containerPort', 'protocol']],
  ['volumeDevices', ['devicePath']],
];

/** Checks the lists of a Rollout's pods. */
export function checkRolloutLists(object: Data, report: Report): void {
  const path = '/spec/template/spec';
  const pod = record(record(record(object['spec'])['template'])['spec']);
  for (const [field, keys] of POD_LISTS) checkKeys(pod, field, keys, path, report);
  for (const kind of ['initContainers', 'containers']) {
    for (const [index, container] of list(pod[kind]).entries()) {
      for (const [field, keys] of CONTAINER_LISTS)
        checkKeys(record(container), field, keys, `${path}/${kind}/${index}`, report);
    }
  }
}

function checkKeys(holder: Data, field: string, keys: readonly string[], path: string, report: Report): void {
  const elements = list(holder[field]);
  const at = elements.length < 2 ? -1 : duplicateIndex(elements.map(withDefaults), keys);
  if (at < 0) return;
  const key = keys.map((name) => print(record(withDefaults(elements[at]))[name])).join('/');
  report(`${path}/${field}/${at}`, {
    code: 'duplicate-element',
    message: `two of ${field} have the same ${keys.join(' and ')}`,
    got: key,
    allowed: `each ${keys.join(' and ')} once: a Rollout is refused otherwise, while a Deployment takes the last`,
    fix: 'remove or rename one of the two',
  });
}

/** The definition has this default, and it is put in before keys are compared. */
function withDefaults(element: unknown): unknown {
  const isPort = !isDeferred(element) && record(element)['containerPort'] !== undefined;
  return isPort ? { protocol: 'TCP', ...record(element) } : element;
}
