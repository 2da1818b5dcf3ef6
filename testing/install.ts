import { planMatchers } from './matchers';
import { planSerializer } from './serializer';

/** jest's `expect`, by shape: the global one, or that of `@jest/globals`. */
export interface ExpectLike {
  /** Adds matchers. */
  extend(matchers: typeof planMatchers): void;
  /** Adds a serializer. */
  addSnapshotSerializer(serializer: typeof planSerializer): void;
}

/**
 * Adds the matchers and the snapshot serializer to jest's `expect`. Nothing is added by an import: call this in a test
 * file, or let jest do it for all of them with `setupFilesAfterEnv: ['ashlar/testing/jest']`.
 *
 * @example
 * ```ts
 * import { installMatchers } from 'ashlar/testing';
 *
 * installMatchers(expect);
 * ```
 */
export function installMatchers(expect: ExpectLike): void {
  expect.extend(planMatchers);
  expect.addSnapshotSerializer(planSerializer);
}
