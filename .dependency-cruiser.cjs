'use strict';

/**
 * Who may import whom (docs/architecture.md, "Layers"). A rule is one call: from where, to where, but not these.
 * Paths are regular expressions over paths from the root of the repository.
 */
const MODEL = '^constructs/model/';
const DERIVE = '^constructs/derive/';
const SCHEMA = '^policies/schema/';
/** What makes the tables, at build time or by hand. */
const GENERATOR = '^policies/schema/(generate|extract)';
const BUILTIN = { dependencyTypes: ['core'] };
const CONSTRUCTS_PACKAGE = '^node_modules/constructs/';
/** Applies patches, required when there is one. */
const JSON_PATCH = '^node_modules/fast-json-patch/';
const CDK8S = '^node_modules/cdk8s';
const PULUMI = '(^|/)@pulumi/';
/** All that ends up in the package. */
const SHIPPED = '^(constructs|charts|policies|stacks|testing|cli)/';
const ENTRY_POINTS =
  '^((constructs|charts|stacks|policies|testing)/index|cli/(main|start)|testing/(jest|transform|cluster/index))[.]ts$';

/** `from` must not import `to`, `except`ions apart. */
const never = (name, comment, from, to, except = []) => ({
  name,
  comment,
  severity: 'error',
  from: typeof from === 'string' ? { path: from } : from,
  to: { path: to, ...(except.length > 0 ? { pathNot: except } : {}) },
});

/** `from` may import `allowed` and Node's own modules, and nothing else. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: typeof from === 'string' ? { path: from } : from,
  to: { pathNot: allowed, dependencyTypesNot: BUILTIN.dependencyTypes },
});

const layers = [
  only('model-imports-itself-only', 'The model knows no pattern.', MODEL, [MODEL, CONSTRUCTS_PACKAGE, JSON_PATCH]),
  only('derive-sees-facts-only', 'A derivation declares the facts it reads and knows no construct class.', DERIVE, [
    MODEL,
    DERIVE,
    CONSTRUCTS_PACKAGE,
  ]),
  never(
    'constructs-at-the-bottom',
    'constructs/ imports no layer above it.',
    '^constructs/',
    '^(charts|policies|testing|cli|stacks)/',
  ),
  never('charts-below-commands', 'charts/ imports constructs/ and policies/.', '^charts/', '^(testing|cli|stacks)/'),
  never(
    'policies-read-the-model',
    'policies/ imports constructs/model.',
    '^policies/',
    '^(constructs|charts|testing|cli|stacks)/',
    [MODEL],
  ),
  never('testing-below-commands', 'What users import in jest loads no command.', '^testing/', '^(cli|stacks)/'),
  never(
    'cluster-only-when-asked',
    'What users import in jest starts no cluster.',
    { path: '^testing/', pathNot: '^testing/cluster/' },
    '^testing/cluster/',
  ),
  never('schema-for-checks-only', 'The tables are big: only what checks loads them.', '^(constructs|stacks)/', SCHEMA),
  never(
    'generator-at-build-time',
    'The generator of the tables is not shipped.',
    { path: SHIPPED, pathNot: GENERATOR },
    GENERATOR,
  ),
  never('pulumi-in-stacks-only', 'Synthesizing YAML must not load Pulumi.', { pathNot: '^(stacks|examples)/' }, PULUMI),
  never('stacks-below-tests', 'A stack is deployed by Pulumi, not by a command.', '^stacks/', '^(testing|cli)/'),
  {
    name: 'stacks-lazily',
    comment: 'A command loads stacks/ when it deploys: `await import(...)` or a `require` in a function.',
    severity: 'error',
    from: { path: '^cli/' },
    to: { path: '^stacks/', dependencyTypes: ['import', 'export'], dependencyTypesNot: ['type-only'] },
  },
  only('examples-are-users', 'An example imports what a user can.', '^examples/([^/]+)/', [
    '^examples/$1/',
    '^(constructs|charts|stacks|policies|testing)/index[.]ts$',
    '^dist/',
    CONSTRUCTS_PACKAGE,
    CDK8S,
    PULUMI,
    // the automation example deploys the platform of another
    '^examples/shop/platform[.]ts$',
  ]),
];

const health = [
  {
    name: 'no-cycles',
    comment: 'Types included: two files that need each other are one file, or lack a third. Read the path given.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'Nobody imports it and it imports nobody.',
    severity: 'error',
    from: { orphan: true, path: SHIPPED, pathNot: [ENTRY_POINTS, GENERATOR] },
    to: {},
  },
  {
    name: 'resolvable',
    comment: 'The import leads nowhere.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'declared',
    comment: 'Not in package.json, or there as something that users do not install.',
    severity: 'error',
    from: { path: SHIPPED, pathNot: GENERATOR },
    to: {
      dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'],
      dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'],
      // devDependencies that .ci/build.mjs bundles, licences included
      pathNot: '^node_modules/(commander|fast-json-patch|fastest-levenshtein|yaml)/',
    },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [...layers, ...health],
  options: {
    doNotFollow: { path: '^(node_modules|dist)/' },
    exclude: { path: '(^|/)k8s/' },
    tsPreCompilationDeps: true,
    // no tsConfig: its `paths` would make the package `constructs` our folder
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'require', 'node', 'default'] },
    combinedDependencies: false,
  },
};
