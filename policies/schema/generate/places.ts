/**
 * Where a declaration lies in the type packages and which table it belongs to. The folder tells: every family keeps
 * `<group>/<version>/<Kind>.d.ts`, the core group only `v1/`, and the machinery shared by all has folders of its own.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** A declaration file with the table and the name of its definition. */
export interface Place {
  readonly table: string;
  readonly name: string;
  readonly file: string;
}

const MACHINERY = '@kubernetes-models/apimachinery';
const BASE = '@kubernetes-models/base';

/** Folder of an installed type package, found from this file upwards. Throws where it is not installed. */
export function packageFolder(name: string): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name);
    if (fs.existsSync(path.join(candidate, 'package.json'))) return candidate;
    if (folder === path.dirname(folder)) throw new Error(`${name} is not installed: run npm install`);
  }
}

/** The place of a declaration file. */
export function locate(file: string): Place {
  const parts = file.split(path.sep);
  const start = parts.lastIndexOf('node_modules');
  const name = parts.at(-1)!.replace(/\.d\.ts$/, '');
  const scoped = parts[start + 1]!.startsWith('@');
  const pack = scoped ? `${parts[start + 1]}/${parts[start + 2]}` : parts[start + 1]!;
  if (pack === MACHINERY) return { table: 'meta_v1', name, file };
  const folders = parts.slice(start + (scoped ? 3 : 2), -1);
  return { table: folders.length === 1 ? `core_${folders[0]}` : folders.join('_'), name, file };
}

/** File that an import names; `undefined` for the run-time base, which declares no fields. */
export function resolveImport(from: string, folder: string): string | undefined {
  if (from.startsWith(BASE)) return undefined;
  if (from.startsWith('.')) return path.join(folder, from).replace(/\.js$/, '.d.ts');
  const parts = from.split('/');
  const pack = parts.splice(0, from.startsWith('@') ? 2 : 1).join('/');
  return `${path.join(packageFolder(pack), ...parts)}.d.ts`;
}

/** Every declaration file of a package, without its indexes and precompiled validators. */
export function declarations(pack: string): Place[] {
  const found: Place[] = [];
  const visit = (folder: string): void => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== '_schemas' && entry.name !== 'node_modules') visit(full);
      } else if (entry.name.endsWith('.d.ts') && entry.name !== 'index.d.ts') {
        found.push(locate(full));
      }
    }
  };
  visit(packageFolder(pack));
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}
