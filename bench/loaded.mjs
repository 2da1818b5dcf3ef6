/**
 * What `require('ashlar')` loads: files, modules of Node, and the modules inside the bundle that were evaluated (the
 * functions that the bundler made of them carry their paths as names, and coverage says which of them ran).
 */
import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';

const ALLOWED_FILES = [
  /^dist\/(index|kernel)\.js$/,
  /(^|\/)node_modules\/constructs\/lib\//,
  /(^|\/)node_modules\/cdk8s\/lib\/(duration|size)\.js$/,
];

/** Evaluated in the bundle: only what describes a system, no command, no matcher, no reader or writer of YAML. */
const ALLOWED_MODULES = [/^constructs\//, /(^|\/)node_modules\/cdk8s\/lib\/(duration|size)\.js$/];

/** Modules of Node that stand for something that a library of descriptions has no use for. */
const REFUSED_BUILTINS =
  /^(child_process|cluster|dgram|dns|http|https|http2|inspector|net|readline|repl|tls|worker_threads)$/;

const FILES = `
  const before = new Set(process.moduleLoadList);
  require('ashlar');
  const builtins = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.replace(/^\\w+ /, ''));
  console.log(JSON.stringify({ files: Object.keys(require.cache), builtins }));`;

const MODULES = `
  const { Session } = require('node:inspector');
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  require('ashlar');
  session.post('Profiler.takePreciseCoverage', (_, { result }) => {
    const kernel = result.find(({ url }) => url.endsWith('dist/kernel.js'));
    const ran = kernel.functions.filter(({ ranges }) => ranges[0].count > 0);
    const isModule = ({ functionName }) => /\\.[cm]?[jt]s$/.test(functionName);
    console.log(JSON.stringify(ran.filter(isModule).map(({ functionName }) => functionName)));
  });`;

/** @param {string} root - folder of the package */
export function loadedByRequire(root) {
  const ask = (script) => JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' }));
  const { files: paths, builtins } = ask(FILES);
  const files = paths.map((path) => relative(root, path).replaceAll('\\', '/'));
  const modules = ask(MODULES);
  if (modules.length === 0) throw new Error('found no evaluated module: does the bundler still name them by path?');
  const superfluous = [
    ...files.filter((file) => !ALLOWED_FILES.some((allowed) => allowed.test(file))),
    ...modules.filter((name) => !ALLOWED_MODULES.some((allowed) => allowed.test(name))),
    ...builtins.filter((name) => REFUSED_BUILTINS.test(name)),
  ];
  return { files, modules, builtins, superfluous };
}
