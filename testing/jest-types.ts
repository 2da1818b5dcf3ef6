/**
 * Tells TypeScript that `expect(plan)` has the matchers of this folder. The only place where types of others are
 * extended: jest knows no other way. Both of its typings are served, whichever is installed: `@types/jest` with its
 * global `expect`, and `@jest/globals`, whose matchers are declared by the package `expect`.
 */
import type { PlanMatchers } from './matchers';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- it is the one of @types/jest
  namespace jest {
    interface Matchers<R> extends PlanMatchers<R> {}
  }
}

// eslint-disable-next-line no-restricted-syntax -- see above
declare module 'expect' {
  interface Matchers<R> extends PlanMatchers<R> {}
}
