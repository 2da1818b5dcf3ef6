import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { Workspace } from './command';

const ROOT = path.join(__dirname, '../..');

/** A folder in which programs find Ashlar and Pulumi as where they are installed. */
export class PulumiProject extends Workspace {
  constructor() {
    super();
    const modules = path.join(this.folder, 'node_modules');
    mkdirSync(modules);
    symlinkSync(ROOT, path.join(modules, 'ashlar'));
    for (const name of ['@pulumi', 'constructs', '@types', 'typescript']) {
      symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
    }
  }

  /** Path of a file in it. */
  path(name: string): string {
    return path.join(this.folder, name);
  }
}
