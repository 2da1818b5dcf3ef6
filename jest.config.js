'use strict';

const swc = {
  jsc: {
    parser: { syntax: 'typescript' },
    target: 'es2023',
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

/** What every project shares. A project of its own costs one object in `projects` below. */
const common = {
  testEnvironment: 'node',
  transform: { '\\.[cm]?ts$': ['@swc/jest', swc] },
  moduleFileExtensions: ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json'],
  moduleNameMapper: {
    '^ashlar$': '<rootDir>/constructs/index.ts',
    '^ashlar/(charts|stacks|testing)$': '<rootDir>/$1/index.ts',
    '^ashlar/testing/jest$': '<rootDir>/testing/jest.ts',
    '^ashlar/testing/cluster$': '<rootDir>/testing/cluster/index.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  testPathIgnorePatterns: ['/node_modules/'],
};

/** @type {import('jest').Config} */
module.exports = {
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/test/engines/reporter.mjs'],
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/proof/'],
    },
    {
      ...common,
      displayName: 'proof',
      testMatch: ['<rootDir>/test/proof/**/*.test.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/proof/support/setup.ts'],
    },
  ],
};
