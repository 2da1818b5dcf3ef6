/**
 * Builds `dist/`:
 *
 *   kernel.js                one bundle of all sources: loading one file is what keeps `ashlar` quick to start
 *   index.js, charts.js ...  one shim per entry point of package.json; all take their classes from the one kernel
 *   types/                   declarations, one per source file
 *   schema/*.json            closed tables of the Kubernetes types (policies/schema/generate.*)
 *   THIRD-PARTY-NOTICES.txt  licences of what the bundle contains
 *
 * A part is built again only when a file it is made from changed. `--fresh` builds all.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.stamp.json');
const require = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** What users import (package.json `exports`), by shim and source, and the command. */
const LIBRARIES = {
  ...{ index: 'constructs', charts: 'charts', stacks: 'stacks', testing: 'testing' },
  'testing-cluster': 'testing/cluster',
};
const COMMAND = 'cli/main';

/** What jest loads by the names in `jest-preset.js`, by shim and source. */
const JEST = { 'jest-setup': 'testing/jest', 'jest-transform': 'testing/transform' };
const SOURCES = ['constructs', 'charts', 'stacks', 'policies', 'testing', 'cli'];
const TOOLCHAIN = ['.ci/build.mjs', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** Packages the users' own copy of which must be used, or that are too big or too special to bundle. */
const EXTERNAL = [
  ...Object.keys(manifest.dependencies),
  ...Object.keys(manifest.peerDependencies),
  ...['@pulumi/*', '@jest/*', 'expect', 'jest-*', 'pretty-format'],
];

/** Licences that an Apache-2.0 product may carry in its bundle. */
const LICENCES = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** All files below a folder. */
function files(folder) {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

function hash(paths) {
  const sum = createHash('sha256').update(process.versions.node);
  for (const path of paths) sum.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
  return sum.digest('hex');
}

/** Written aside and renamed, so that nobody who runs meanwhile reads half a file. */
function write(name, text) {
  const path = join(DIST, name);
  const aside = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(aside, text);
  renameSync(aside, path);
}

function run(command, args) {
  const { status, error } = spawnSync(process.execPath, [command, ...args], { cwd: ROOT, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${relative(ROOT, command)} ${args.join(' ')}: exit code ${status}`);
}

const tool = (name, bin) => join(ROOT, 'node_modules', name, bin);

// --- the kernel ----------------------------------------------------------------------------------------------------

async function bundle() {
  const libraries = Object.entries(LIBRARIES).map(([name, folder]) => [name, `${folder}/index`]);
  const entries = { ...Object.fromEntries(libraries), ...JEST, cli: COMMAND, ...(environment ? { environment } : {}) };
  // Each entry is required when asked for: `require('ashlar')` evaluates neither the commands nor the test matchers.
  const contents = Object.entries(entries).map(([name, path]) => `exports['${name}'] = () => require('./${path}');`);
  const { build } = await import('esbuild');
  const { metafile, outputFiles } = await build({
    stdin: { contents: contents.join('\n'), resolveDir: ROOT, sourcefile: 'kernel.js' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: EXTERNAL,
    keepNames: true,
    minifyWhitespace: true,
    minifySyntax: true,
    plugins: [lazyChildProcess],
    sourcemap: 'linked',
    legalComments: 'none',
    tsconfig: join(ROOT, 'tsconfig.build.json'),
    outfile: join(DIST, 'kernel.js'),
    absWorkingDir: ROOT,
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  for (const { path, text } of outputFiles)
    write(relative(DIST, path), path.endsWith('.js') ? withCheapNames(text) : text);
  return metafile;
}

/** Commander can start other programs; ours never do, and loading what starts them takes 5 ms of every command. */
const lazyChildProcess = {
  name: 'lazy-child-process',
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path, namespace: 'lazy' } : undefined,
    );
    // Two small files without imports: one file less to find each, and values of any copy of them are taken by shape.
    build.onResolve({ filter: /^cdk8s\/lib\/(duration|size)$/ }, ({ path }) => ({ path: require.resolve(path) }));
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: `exports.spawn = (...args) => process.getBuiltinModule('node:child_process').spawn(...args);`,
    }));
  },
};

/**
 * `keepNames` defines the name of each function that is made, arrows in hot functions included, which costs time and
 * some 200 bytes each. Only classes are asked for their names, and only where the bundler had to rename them.
 */
function withCheapNames(text) {
  const before = /__name ?= ?\(target, ?value\) ?=> ?__defProp\(/;
  if (!before.test(text)) throw new Error('esbuild writes its __name helper in another way now');
  const isNamed = 'target.name === value || !Object.hasOwn(target, "prototype")';
  return text.replace(before, `__name = (target, value) => ${isNamed} ? target : __defProp(`);
}

/** Names are spelled out: that is how Node finds the named exports of CommonJS for `import { Microservice } from 'ashlar'`. */
function librarySource(name) {
  const exported = Object.keys(require(join(DIST, 'kernel.js'))[name]()).sort();
  return [
    `'use strict';`,
    `Object.defineProperty(exports, '__esModule', { value: true });`,
    `const kernel = require('./kernel.js')['${name}']();`,
    ...exported.map((key) => `exports.${key} = kernel.${key};`),
    '',
  ].join('\n');
}

/** What old versions of Node are told before they read anything that they do not understand. */
const COMMAND_HEAD = `#!/usr/bin/env node
'use strict';
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  console.error('ashlar needs Node.js 22 or newer; this is ' + process.version + '. Install it, or: npm install --save-dev node@24');
  process.exit(2);
}`;

const COMMAND_TAIL = `
module.exports.start(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error);
    process.exitCode = 2;
  },
);
`;

/** The command itself: a small file of its own, since it is what loads the kernel. */
async function command() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'cli/start.ts')],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    define: { KERNEL_CHECKSUM: JSON.stringify(hash(['dist/kernel.js']).slice(0, 16)) },
    banner: { js: COMMAND_HEAD },
    footer: { js: COMMAND_TAIL },
    tsconfig: join(ROOT, 'tsconfig.build.json'),
    write: false,
    logLevel: 'warning',
  });
  write('cli.js', outputFiles[0].text);
}

/** `"jest": { "preset": "ashlar" }`: TypeScript, matchers and the snapshot serializer, with nothing more to install. */
const PRESET_SOURCE = `'use strict';
module.exports = {
  transform: { '\\\\.[cm]?tsx?$': require.resolve('./jest-transform.js') },
  setupFilesAfterEnv: [require.resolve('./jest-setup.js')],
};
`;

/** JSON Schema of environment files, for editors: `environmentSchema` of a source file called environment-schema.ts. */
function environmentSchema() {
  if (!environment) return;
  const schema = require(join(DIST, 'kernel.js')).environment().environmentSchema;
  write('environment.schema.json', `${JSON.stringify(schema, undefined, 2)}\n`);
}

function shims() {
  for (const name of Object.keys(LIBRARIES)) write(`${name}.js`, librarySource(name));
  for (const name of Object.keys(JEST))
    write(`${name}.js`, `'use strict';\nmodule.exports = require('./kernel.js')['${name}']();\n`);
  write('jest-preset.js', PRESET_SOURCE);
}

// --- licences ------------------------------------------------------------------------------------------------------

function packageOf(path) {
  const found = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
  return found ? found[0].slice(0, -1) : undefined;
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const text = readdirSync(join(ROOT, folder)).find((file) => /^licen[cs]e(\.|$)/i.test(file));
  if (!LICENCES.includes(license))
    throw new Error(`${name} ${version} is bundled, but licence ${license} is not allowed`);
  if (!text) throw new Error(`${name} ${version} is bundled, but comes without the text of its licence`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(ROOT, folder, text), 'utf8').trim()}\n`;
}

function notices(metafile) {
  // The schema tables are made from these packages' declarations.
  const tables = Object.keys(manifest.devDependencies).filter((name) =>
    /^(@kubernetes-models\/|kubernetes-models$)/.test(name),
  );
  const bundled = Object.keys(metafile.inputs).flatMap((path) => packageOf(path) ?? []);
  const folders = [...new Set([...bundled, ...tables.map((name) => `node_modules/${name}`)])].sort();
  const rule = '-'.repeat(80);
  const head = 'Ashlar contains code, or tables made from the declarations, of these packages.\n';
  write('THIRD-PARTY-NOTICES.txt', [head, ...folders.map(notice)].join(`\n${rule}\n\n`));
}

// --- declarations --------------------------------------------------------------------------------------------------

/** Types are not checked here (`noCheck`): `npm test` does, and waiting for it in `npm start` helps nobody. */
function declarations() {
  const aside = join(DIST, `.types.${process.pid}`);
  run(tool('typescript', 'bin/tsc'), ['-p', 'tsconfig.build.json', '--outDir', aside]);
  rmSync(join(DIST, 'types'), { recursive: true, force: true });
  renameSync(aside, join(DIST, 'types'));
  checkImportsOfDeclarations();
}

/** A declaration that imports what the user does not install turns into `any` in silence. */
function checkImportsOfDeclarations() {
  const installed = new Set([
    manifest.name,
    ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
  ]);
  const foreign = files('dist/types').flatMap((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const names = [
      ...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom ['"]([^.'"][^'"]*)['"]|\bimport\(['"]([^.'"][^'"]*)['"]\)/gm),
    ];
    return names
      .map(([, from, imported]) => from ?? imported)
      .filter((name) => !name.startsWith('node:') && !installed.has(/^(@[^/]+\/)?[^/]+/.exec(name)[0]))
      .map((name) => `${path} imports ${name}`);
  });
  if (foreign.length > 0) {
    throw new Error(`public types need packages that are neither dependencies nor peers:\n  ${foreign.join('\n  ')}`);
  }
}

// --- schema tables -------------------------------------------------------------------------------------------------

const generator = () => files('policies').find((path) => /^policies\/schema\/generate\.[cm]?[jt]s$/.test(path));

function tables(path) {
  if (path.endsWith('ts')) run(tool('jiti', 'lib/jiti-cli.mjs'), [path]);
  else run(path, []);
}

// --- all of it -----------------------------------------------------------------------------------------------------

async function code() {
  const metafile = await bundle();
  shims();
  await command();
  environmentSchema();
  notices(metafile);
  declarations();
}

const generate = generator();
const sources = SOURCES.flatMap(files);
const environment = sources.find((path) => path.endsWith('/environment-schema.ts'))?.slice(0, -'.ts'.length);
const tableSources = sources.filter((path) => path.startsWith('policies/schema/'));
const parts = [
  ...(generate
    ? [
        {
          name: 'tables',
          output: 'schema/index.json',
          inputs: [...TOOLCHAIN, ...tableSources],
          make: () => tables(generate),
        },
      ]
    : []),
  { name: 'code', output: 'types', inputs: [...TOOLCHAIN, ...sources], make: code },
];

if (process.argv.includes('--fresh')) rmSync(DIST, { recursive: true, force: true });
const built = existsSync(STAMP) ? JSON.parse(readFileSync(STAMP, 'utf8')) : {};
for (const { name, output, inputs, make } of parts) {
  const current = hash(inputs);
  if (built[name] === current && existsSync(join(DIST, output))) continue;
  const start = performance.now();
  await make();
  built[name] = current;
  write('.stamp.json', JSON.stringify(built));
  process.stderr.write(`built ${name} in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}
