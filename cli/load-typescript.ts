/**
 * Loads a TypeScript program that was loaded before. jiti turns TypeScript into JavaScript; what it made is kept in
 * `node_modules/.cache/ashlar`, under a name that depends on the source, and Node's own loader takes it from there. jiti
 * itself, which takes 7 ms to load, is then not loaded at all.
 */
import { hash } from 'node:crypto';
import fs from 'node:fs';
import * as nodeModule from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const TYPESCRIPT = /\.[cm]?ts$/;

/** What only jiti's own loader can do: a dynamic import, `import.meta.resolve`, and to tell of a file that does not parse. */
const NEEDS_JITI = /\bjiti(Import|ESMResolve)\b|__JITI_ERROR__/;

/** Thrown where only jiti can load a file. */
const JITI_NEEDED = new Error('needs jiti');

let isHooked = false;

/**
 * The exports of a program; undefined where Node is older than 22.15 (it lacks `registerHooks`), where there is no
 * folder to keep what was made, or where a file of the program needs jiti.
 * @param alias - files by the package names that they stand for
 */
export function loadTypeScript(
  full: string,
  alias: Readonly<Record<string, string>>,
): { readonly exports: unknown } | undefined {
  const cache = cacheFolderOf(full);
  if (cache === undefined || typeof nodeModule.registerHooks !== 'function') return undefined;
  if (!isHooked) hook(cache, alias);
  isHooked = true;
  try {
    return { exports: require(full) as unknown };
  } catch (error) {
    if (error === JITI_NEEDED) return undefined;
    throw error;
  }
}

function hook(cache: string, alias: Readonly<Record<string, string>>): void {
  nodeModule.registerHooks({
    resolve(name, context, next) {
      const own = alias[name];
      if (own !== undefined) return { url: pathToFileURL(own).href, format: 'commonjs', shortCircuit: true };
      const file = name.startsWith('.') ? typescriptFile(name, context.parentURL) : undefined;
      return file === undefined ? next(name, context) : { url: file, format: 'commonjs', shortCircuit: true };
    },
    load(url, context, next) {
      if (!TYPESCRIPT.test(url) || url.includes('/node_modules/')) return next(url, context);
      return { format: 'commonjs', source: javascriptOf(fileURLToPath(url), cache), shortCircuit: true };
    },
  });
}

/** `./limits`, `./limits.js` and `./limits/index` as TypeScript files, where they are ones. */
function typescriptFile(name: string, parent: string | undefined): string | undefined {
  if (parent === undefined || !TYPESCRIPT.test(parent)) return undefined;
  const candidates = [name, name.replace(/\.([cm]?)js$/, '.$1ts'), `${name}.ts`, `${name}/index.ts`];
  return candidates
    .filter((candidate) => TYPESCRIPT.test(candidate))
    .map((candidate) => new URL(candidate, parent))
    .find((url) => fs.existsSync(url))?.href;
}

function javascriptOf(file: string, cache: string): string {
  const source = fs.readFileSync(file, 'utf8');
  const kept = path.join(cache, `${hash('sha256', `${process.version}\n${file}\n${source}`).slice(0, 32)}.cjs`);
  const code = read(kept) ?? transform(file, source, kept);
  if (NEEDS_JITI.test(code)) throw JITI_NEEDED;
  return code;
}

function transform(file: string, source: string, kept: string): string {
  const { createJiti } = require('jiti') as typeof import('jiti');
  const code = createJiti(file).transform({ source, filename: file, ts: true, async: false });
  try {
    fs.mkdirSync(path.dirname(kept), { recursive: true });
    fs.writeFileSync(`${kept}.${process.pid}`, code);
    fs.renameSync(`${kept}.${process.pid}`, kept);
  } catch {
    // A folder that cannot be written to costs time only.
  }
  return code;
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Beside the packages of the program, where only those write who could change the packages, too. */
function cacheFolderOf(file: string): string | undefined {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const packages = path.join(folder, 'node_modules');
    if (fs.existsSync(packages)) return path.join(packages, '.cache', 'ashlar');
    if (folder === path.dirname(folder)) return undefined;
  }
}
