import { Caller, accessOf, type AccessOptions } from './caller';
import type { IStore } from './capabilities';
import { Maintains } from './derive/stores/store';
import { relate } from './model/recorder';

/** What every task can say, whenever it runs. */
export abstract class AnyTask extends Caller {
  /** Says that it works on a store with the rights of its owner: a migration, a clean-up. */
  maintains(store: IStore, options: AccessOptions = {}): this {
    relate(Maintains, this, store, accessOf(this, 'maintains', options));
    return this;
  }
}
