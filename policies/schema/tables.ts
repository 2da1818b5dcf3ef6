/**
 * Finds and reads the schema tables that `generate.ts` built. A table is read when the first object of its group and
 * version comes, so a small program pays for two or three files only.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { TableCode } from './encoding';

/** Tables by name, read from files when asked for. */
export class SchemaTables {
  private readonly read = new Map<string, TableCode | undefined>();
  private kinds: Readonly<Record<string, readonly string[]>> | undefined;

  /** @param folder Absolute folder that holds the tables. */
  constructor(private readonly folder: string) {}

  /** Table of a group and version, by its file name without ending; `undefined` where there is none. */
  table(name: string): TableCode | undefined {
    if (this.read.has(name)) return this.read.get(name);
    const found = /^[\w.-]+$/.test(name) ? this.load(name) : undefined;
    this.read.set(name, found);
    return found;
  }

  /** API versions that serve a kind, for saying what was meant. */
  versionsOf(kind: string): readonly string[] {
    const index = this.index();
    return (Object.hasOwn(index, kind) ? index[kind] : undefined) ?? [];
  }

  /** Names of all kinds there are tables for. */
  allKinds(): readonly string[] {
    return Object.keys(this.index());
  }

  private index(): Readonly<Record<string, readonly string[]>> {
    return (this.kinds ??= JSON.parse(fs.readFileSync(path.join(this.folder, 'index.json'), 'utf8')) as Record<
      string,
      readonly string[]
    >);
  }

  private load(name: string): TableCode | undefined {
    try {
      return JSON.parse(fs.readFileSync(path.join(this.folder, `${name}.json`), 'utf8')) as TableCode;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

let loaded: SchemaTables | undefined;

/**
 * The tables of this installation of Ashlar: the same object on every call.
 * Throws where they were not built, and says how to build them.
 */
export function loadTables(): SchemaTables {
  if (loaded !== undefined) return loaded;
  const folder = path.join(packageRoot(), 'dist', 'schema');
  if (!fs.existsSync(path.join(folder, 'index.json'))) {
    throw new Error(
      `expected the schema tables in ${folder}, got none: build them with "npx jiti policies/schema/generate.ts"`,
    );
  }
  return (loaded = new SchemaTables(folder));
}

/** Folder of the package, whether this runs from its sources or from what was compiled below it. */
function packageRoot(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json');
    if (fs.existsSync(file) && (JSON.parse(fs.readFileSync(file, 'utf8')) as { name?: string }).name === 'ashlar')
      return folder;
    if (folder === path.dirname(folder)) throw new Error(`expected the package ashlar above ${__dirname}, got none`);
  }
}
