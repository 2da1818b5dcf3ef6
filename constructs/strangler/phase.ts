import type { PhaseFacts } from '../derive/strangler';
import type { Problem } from '../model/finding';
import { problemsOfNeededShare, problemsOfShare } from '../kinds';
import type { Checked, Percent } from '../values';

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
    return Phase.#ofShare('shadow', copies, 100, problemsOfShare('phase.shadow', copies));
  }

  /**
   * The new service answers a share of the requests, chosen by chance: a client may meet both.
   * @param share - a whole percent from 1 to 99
   */
  static weighted(share: Percent): Phase {
    return Phase.#ofShare('weighted', share, 50, problemsOfNeededShare('phase.weighted', share, 99));
  }

  /** The new service answers all requests. What was there before still answers the rest of the paths. */
  static moved(): Phase {
    return new Phase({ name: 'moved', percent: 100 }, []);
  }

  /** As `moved`, and what was there before is gone: it gets no requests any more, and whoever still needs it is told. */
  static decommissioned(): Phase {
    return new Phase({ name: 'decommissioned', percent: 100 }, []);
  }

  /** What is wrong with a share is told once: what reads it goes on with another. */
  static #ofShare(
    name: PhaseFacts['name'],
    share: Percent | undefined,
    otherwise: number,
    problems: readonly Problem[],
  ): Phase {
    const percent = problems.length > 0 ? otherwise : (share?.value ?? otherwise);
    return new Phase({ name, percent }, problems);
  }
}
