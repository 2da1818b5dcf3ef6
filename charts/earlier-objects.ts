import fs from 'node:fs';
import path from 'node:path';
import type { KubeObject } from '../constructs/model/kube-object';

/** What stands between two documents of a file that `writePlan` wrote. */
const BETWEEN = '\n---\n';

/**
 * The objects that an earlier run wrote into a folder and that are not written in the same way now. What is the same is
 * not parsed, which is nearly all; what cannot be parsed, since somebody edited it, says nothing.
 * @param folder - one environment's: `k8s/prod`
 * @param files - what is to be written now: name to bytes. Default: nothing, so that all objects are read
 */
export function earlierObjects(folder: string, files: ReadonlyMap<string, Buffer> = new Map()): readonly KubeObject[] {
  const changed = namesIn(folder).flatMap((name) => {
    const earlier = fs.readFileSync(path.join(folder, name));
    const now = files.get(name);
    return now !== undefined && now.equals(earlier) ? [] : [{ earlier, now }];
  });
  const written = new Set(changed.flatMap(({ now }) => (now === undefined ? [] : documentsIn(now))));
  return changed.flatMap(({ earlier }) =>
    documentsIn(earlier)
      .filter((document) => !written.has(document))
      .flatMap(parsed),
  );
}

function namesIn(folder: string): readonly string[] {
  if (!fs.existsSync(folder) || !fs.statSync(folder).isDirectory()) return [];
  return fs.readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
}

/** Without the line that says who made the file, and the end of the last line. */
function documentsIn(file: Buffer): readonly string[] {
  return file
    .toString('utf8')
    .replace(/^#.*\n/, '')
    .trimEnd()
    .split(BETWEEN);
}

function parsed(document: string): readonly KubeObject[] {
  const { parse } = require('yaml') as typeof import('yaml');
  try {
    const manifest = parse(document) as Partial<KubeObject> | null;
    return typeof manifest?.metadata?.name === 'string' ? [manifest as KubeObject] : [];
  } catch {
    return [];
  }
}
