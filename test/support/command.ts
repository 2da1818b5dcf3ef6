import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The command as it is shipped; `npm test` builds it first. */
const COMMAND = path.join(__dirname, '../../dist/cli.js');

/** What a command did. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for one test file, and the command in it. */
export class Workspace {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'ashlar-test-'));

  /** Writes files, by path in the folder. */
  write(files: Readonly<Record<string, string>>): this {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return this;
  }

  /**
   * Runs `ashlar` in the folder, or in one below it.
   * @param forNode - what Node itself is told: `['--require', 'file.cjs']`; default nothing
   */
  ashlar(args: readonly string[], below = '.', forNode: readonly string[] = []): Ran {
    const cwd = path.join(this.folder, below);
    const command = [...forNode, COMMAND, ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd, encoding: 'utf8' });
    return { code: status, stdout, stderr };
  }

  /** Removes the folder. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
