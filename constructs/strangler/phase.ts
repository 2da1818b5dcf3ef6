import type { PhaseFacts } from '../derive/strangler';
import type { Problem } from '../model/finding';
import { problemOfInteger, type Checked, type Percent } from '../values';

/** How far a path has moved, from the first to the last. */
export class Phase implements Checked {
  private constructor(
    /** As facts. */
    readonly facts: PhaseFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** The path goes through the gateway to what was there before; the new service gets nothing of it. */
  static facade(): Phase {
    return new Phase({ name: 'facade', percent: 0 }, []);
  }

  /**
   * What was there before answers, and the new service gets copies, whose answers are dropped.
   * @param copies - how many requests are copied, a whole percent from 1 to 100; all of them without it
   */
  static shadow(copies?: Percent): Phase {
    const percent = copies?.value ?? 100;
    return new Phase({ name: 'shadow', percent }, problemOfInteger('phase.shadow (percent)', percent, 1, 100));
  }

  /**
   * The new service answers a share of the requests, chosen by chance: a client may meet both.
   * @param share - a whole percent from 1 to 99
   */
  static weighted(share: Percent): Phase {
    const percent = share.value;
    return new Phase({ name: 'weighted', percent }, problemOfInteger('phase.weighted (percent)', percent, 1, 99));
  }

  /** The new service answers all requests. What was there before still answers the rest of the paths. */
  static moved(): Phase {
    return new Phase({ name: 'moved', percent: 100 }, []);
  }

  /** As `moved`, and what was there before is gone: it gets no requests any more, and whoever still needs it is told. */
  static decommissioned(): Phase {
    return new Phase({ name: 'decommissioned', percent: 100 }, []);
  }
}
