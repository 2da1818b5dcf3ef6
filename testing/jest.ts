/**
 * Setup module for jest: adds Ashlar's matchers and its snapshot serializer in all test files.
 *
 * ```js
 * module.exports = { setupFilesAfterEnv: ['ashlar/testing/jest'] };
 * ```
 */
import './jest-types';
import { AshlarError } from '../constructs/model/error';
import { installMatchers, type ExpectLike } from './install';

const { expect } = globalThis as { readonly expect?: ExpectLike };

if (expect === undefined) {
  throw new AshlarError({
    code: 'outside-jest',
    path: 'ashlar/testing/jest',
    message: 'There is no global expect to add matchers to.',
    got: 'a process that is no test, or a jest that injects no globals',
    allowed: 'an entry of setupFilesAfterEnv in the configuration of jest',
    fix: 'Name it there; with injectGlobals: false call installMatchers(expect) with the expect of @jest/globals.',
  });
}

installMatchers(expect);
