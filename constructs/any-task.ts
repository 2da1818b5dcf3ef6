import { Caller, problemsOfAccess, type AccessOptions } from './caller';
import type { IStore } from './capabilities';
import { Maintains } from './derive/stores/store';
import { given } from './model/given';
import { relate, report } from './model/recorder';

/** What every task can say, whenever it runs. */
export abstract class AnyTask extends Caller {
  /** Says that it works on a store with the rights of its owner: a migration, a clean-up. */
  maintains(store: IStore, options: AccessOptions = {}): this {
    for (const problem of problemsOfAccess(options)) report(this, problem);
    relate(Maintains, this, store, given({ env: options.env }));
    return this;
  }
}
