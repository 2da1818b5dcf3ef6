/**
 * The command `ashlar`: loads the bundle and runs it. It is built into a file of its own (`dist/cli.js`).
 *
 * A short-lived process spends much of its time compiling functions that it calls for the first time. Node's compile
 * cache keeps only what is compiled while a file is loaded. So what a run has compiled is kept here at its end, by V8's
 * own means, and the next run starts with it: a fifth less time for the smallest program.
 */
import fs from 'node:fs';
import nodeModule from 'node:module';
import path from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import vm from 'node:vm';
import { asAtStart } from './v8-flags';

/** Checksum of the bundle that was built with this file. */
declare const KERNEL_CHECKSUM: string;

interface Kernel {
  cli(): { main(argv: readonly string[]): Promise<number> };
}

const KERNEL = path.join(__dirname, 'kernel.js');

/** Commands that do the whole work, so that all of what others need was compiled. */
const WHOLE: readonly (string | undefined)[] = ['synth', 'check', 'explain'];

/** Runs the command line. @returns the exit code */
export async function start(argv: readonly string[]): Promise<number> {
  nodeModule.enableCompileCache?.();
  const kept = fileToKeep();
  if (kept === undefined) return (require(KERNEL) as Kernel).cli().main(argv);
  const data = read(kept);
  // As Node wraps CommonJS; the line break keeps columns as they are in the file.
  const source = `(function (exports, require, module, __filename, __dirname) {\n${fs.readFileSync(KERNEL, 'utf8')}\n})`;
  const script = new vm.Script(source, { filename: KERNEL, lineOffset: -1, ...(data && { cachedData: data }) });
  const code = await run(script).cli().main(argv);
  if ((data === undefined || script.cachedDataRejected === true) && WHOLE.includes(argv[0])) keep(script, kept);
  return code;
}

/** As `require` would run it; whoever requires the bundle after this gets the same one. */
function run(script: vm.Script): Kernel {
  const module = new nodeModule(KERNEL);
  module.filename = KERNEL;
  require.cache[KERNEL] = module;
  const wrapper = script.runInThisContext() as (...args: readonly unknown[]) => void;
  wrapper.call(module.exports, module.exports, nodeModule.createRequire(KERNEL), module, KERNEL, __dirname);
  module.loaded = true;
  return module.exports as Kernel;
}

/**
 * Beside the packages, where only those write who could change the packages, too. None where there is no such folder,
 * or where the user switched Node's compile cache off.
 */
function fileToKeep(): string | undefined {
  if (process.env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return undefined;
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const packages = path.join(folder, 'node_modules');
    if (fs.existsSync(packages))
      return path.join(packages, '.cache', 'ashlar', `kernel-${KERNEL_CHECKSUM}-${cachedDataVersionTag()}.bin`);
    if (folder === path.dirname(folder)) return undefined;
  }
}

function read(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

function keep(script: vm.Script, file: string): void {
  asAtStart();
  const folder = path.dirname(file);
  const aside = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(folder, { recursive: true });
    // V8 looks at no checksum: the bytes must be there before the name is.
    fs.writeFileSync(aside, script.createCachedData(), { flush: true });
    fs.renameSync(aside, file);
    for (const name of fs.readdirSync(folder))
      if (isOutdated(name)) fs.rmSync(path.join(folder, name), { force: true });
  } catch {
    // A folder that cannot be written to costs time only.
  }
}

/** What other bundles left; other versions of Node may still need theirs of this one. */
function isOutdated(name: string): boolean {
  return name.startsWith('kernel-') && !name.startsWith(`kernel-${KERNEL_CHECKSUM}-`);
}
