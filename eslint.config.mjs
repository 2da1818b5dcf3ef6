import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const TYPESCRIPT = ['**/*.ts'];
const SCRIPTS = ['**/*.js', '**/*.cjs', '**/*.mjs'];

/** Small enough to be read at one go. */
const size = {
  complexity: ['error', 10],
  'max-depth': ['error', 3],
  'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
};

const plain = {
  ...size,
  eqeqeq: 'error',
  'no-console': 'error',
  'no-debugger': 'error',
  'no-param-reassign': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'prefer-template': 'error',
};

/**
 * Each of them loads much at once: values come from the module that holds them, types from anywhere, and what is needed
 * in one place only is required there, when it is needed.
 */
const eager = {
  paths: [
    {
      name: 'cdk8s',
      allowTypeImports: true,
      message: "Values: 'cdk8s/lib/duration', 'cdk8s/lib/size'; the rest when needed.",
    },
    ...['cdk8s-plus-27', 'fast-json-patch', 'jiti', 'yaml'].map((name) => ({
      name,
      allowTypeImports: true,
      message: `require('${name}') where it is needed: start-up time is a requirement.`,
    })),
  ],
};

const typed = {
  '@typescript-eslint/consistent-type-imports': [
    'error',
    { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
  ],
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
  '@typescript-eslint/prefer-readonly': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  // `const yaml = require('yaml') as typeof import('yaml')` inside a function is how a module is loaded when needed.
  '@typescript-eslint/no-require-imports': 'off',
  '@typescript-eslint/consistent-type-assertions': 'error',
  // Numbers read well in messages.
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  // An interface of which nobody asks more than its name is a brand, and `type` cannot extend.
  '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
  'no-restricted-syntax': [
    'error',
    { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
    { selector: 'TSEnumDeclaration', message: 'A union of string literals is enough.' },
    { selector: 'TSModuleDeclaration[kind="module"]', message: 'Types of others are not extended.' },
  ],
};

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', '**/k8s/', '**/__snapshots__/', '**/fixtures/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: { ...plain, ...typed },
  },
  {
    files: ['constructs/**/*.ts', 'charts/**/*.ts', 'policies/**/*.ts', 'testing/**/*.ts', 'cli/**/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', eager] },
  },
  // A test file follows its source file, and each case is read alone. It reads manifests, whose shape it knows.
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': ['error', { ...size['max-lines'][1], max: 400 }],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  // Programs are loaded by their default export.
  { files: ['examples/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: [
      'cli/**',
      'bench/**',
      'policies/schema/{generate,extract}*/**',
      'policies/schema/{generate,extract}*.ts',
      '.ci/**',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: [
      'test/**/*.ts',
      'bench/**/*.ts',
      'policies/schema/{generate,extract}*/**',
      'policies/schema/{generate,extract}*.ts',
    ],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: SCRIPTS,
    extends: [tseslint.configs.recommended],
    rules: { ...plain, 'no-console': 'off', '@typescript-eslint/no-require-imports': 'off' },
  },
);
