import { existsSync } from 'node:fs';
import path from 'node:path';
import { isPlatformDefinition, type PlatformDefinition } from '../constructs/define-platform';
import { AshlarError, isAshlarError, placeOf } from '../constructs/model/error';
import { given } from '../constructs/model/given';
import { loadTypeScript } from './load-typescript';

/** Where a program is looked for when none is named. */
export const DEFAULT_PROGRAM = './platform.ts';

/** A program that was loaded. */
export interface LoadedProgram {
  readonly definition: PlatformDefinition;
  /** Folder of its environment files. */
  readonly environments: string;
  /** Its path, as it was named. */
  readonly file: string;
}

/** The kit that runs, for programs that import it: there must be one copy of each class. */
const KIT = __dirname;

/**
 * Loads a TypeScript or JavaScript program without a build step, by jiti (see docs/architecture.md, "Loading a program").
 * @throws AshlarError `no-such-program`, `program-does-not-load`, `no-platform`
 */
export function loadProgram(file: string): LoadedProgram {
  const full = path.resolve(file);
  if (!existsSync(full)) {
    throw new AshlarError({
      code: 'no-such-program',
      path: file,
      message: 'There is no such program.',
      got: full,
      allowed: 'a TypeScript or JavaScript file',
      fix: 'Name the file, or create one here with: ashlar new shop',
    });
  }
  const definition = defaultExportOf(load(full, file));
  if (!isPlatformDefinition(definition)) {
    throw new AshlarError({
      code: 'no-platform',
      path: file,
      message: 'The program exports no platform.',
      got: definition === undefined ? 'no default export' : `a default export of type ${typeof definition}`,
      allowed: 'a default export that definePlatform made',
      fix: "Write: export default definePlatform('shop', (platform) => { ... });",
    });
  }
  return { definition, environments: path.join(path.dirname(full), 'environments'), file };
}

function load(full: string, file: string): unknown {
  try {
    const alias = {
      'ashlar/charts': path.join(KIT, 'charts.js'),
      'ashlar/stacks': path.join(KIT, 'stacks.js'),
      'ashlar/testing': path.join(KIT, 'testing.js'),
      ashlar: path.join(KIT, 'index.js'),
    };
    const loaded = /\.[cm]?ts$/.test(full) ? loadTypeScript(full, alias) : undefined;
    if (loaded !== undefined) return loaded.exports;
    const { createJiti } = require('jiti') as typeof import('jiti');
    const jiti = createJiti(full, { interopDefault: true, alias });
    return jiti(full);
  } catch (error) {
    if (isAshlarError(error)) throw error;
    throw new AshlarError({
      code: 'program-does-not-load',
      path: file,
      message: 'The program does not load.',
      got: (error instanceof Error ? error.message : String(error)).trim().replace(/\s+/g, ' '),
      ...given({ field: placeOf(error) }),
      fix: 'Correct the program; a missing package is installed with npm install.',
    });
  }
}

/** What an ES module or a CommonJS module exports as its default. */
function defaultExportOf(module: unknown): unknown {
  if (isPlatformDefinition(module)) return module;
  return typeof module === 'object' && module !== null ? (module as { readonly default?: unknown }).default : undefined;
}
