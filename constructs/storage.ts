import type { IConstruct } from 'constructs';
import { SIZE, problemsOfKind, quantityOf } from './kinds';
import { isDeferred, textOf, type Deferred } from './model/deferred';
import { report } from './model/recorder';
import type { SizeAmount } from './resources';

/** Size of a volume: `Size.gibibytes(10)`; where it is known only later, the quantity that Kubernetes takes: `10Gi`. */
export type StorageAmount = SizeAmount | Deferred<string>;

/** A size as a quantity; undefined where none is given. */
export function storageFacts(construct: IConstruct, storage: StorageAmount | undefined): string | undefined {
  if (storage === undefined) return undefined;
  if (isDeferred(storage)) return textOf(construct, 'storage', storage);
  for (const problem of problemsOfKind('storage', storage, SIZE)) report(construct, problem);
  return quantityOf(storage);
}
