import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AshlarError } from '../../constructs/model/error';
import { problemOfName } from '../../constructs/model/element';
import { scaffoldFiles, type ScaffoldOptions } from '../scaffold';
import { say, styled } from '../terminal';

/**
 * Creates a folder with a program, two environments and a test. It synthesizes at once; nothing has to be installed for
 * that but Ashlar itself.
 * @throws AshlarError `bad-name`, `folder-not-empty`
 */
export function scaffold(name: string, options: ScaffoldOptions): number {
  const problem = problemOfName(name, 'name');
  if (problem !== undefined) throw new AshlarError({ ...problem, path: 'ashlar new' });
  if (existsSync(name) && readdirSync(name).length > 0) {
    throw new AshlarError({
      code: 'folder-not-empty',
      path: 'ashlar new',
      message: `There is a folder ${name} already, and it is not empty.`,
      got: readdirSync(name).slice(0, 5).join(', '),
      allowed: 'a new or empty folder',
      fix: 'Choose another name, or empty the folder.',
    });
  }
  const files = scaffoldFiles(name, options);
  for (const [file, text] of files) {
    const full = path.join(name, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
  say(`Created ${styled('bold', name)}: ${files.map(([file]) => file).join(', ')}`);
  say();
  say(`Next: ${styled('cyan', `cd ${name} && npx ashlar synth`)}`);
  say(`      ${styled('cyan', 'npm install && npm test')}`);
  if (options.pulumi) say(`      ${styled('cyan', 'npx pulumi stack init dev && npx pulumi up')}`);
  return 0;
}
