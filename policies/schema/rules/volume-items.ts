/**
 * Which keys of a ConfigMap or Secret a volume holds, and under which paths. Source: `validateKeyToPath` in
 * k8s.io/kubernetes v1.36.3 `pkg/apis/core/validation/validation.go`.
 */
import { print } from '../print';
import { list, record, type Data, type Report } from './rule';

/** Checks the keys and paths of a volume at `path`, those of its projected sources, too. */
export function checkItems(volume: Data, path: string, report: Report): void {
  for (const source of SOURCES) checkSource(volume, source, path, report);
  list(record(volume['projected'])['sources']).forEach((projected, index) => {
    for (const source of SOURCES) checkSource(record(projected), source, `${path}/projected/sources/${index}`, report);
  });
}

function checkSource(holder: Data, source: string, path: string, report: Report): void {
  const items = list(record(holder[source])['items']);
  items.forEach((item, index) => checkItem(record(item), `${path}/${source}/items/${index}`, report));
}

const SOURCES = ['configMap', 'secret'];

function checkItem({ key, path }: Data, at: string, report: Report): void {
  if (key === '') {
    report(`${at}/key`, {
      code: 'missing-field',
      message: 'an item of a volume names a key',
      got: 'an empty text',
      allowed: 'a key of the ConfigMap or Secret',
      fix: 'name the key',
    });
  }
  if (typeof path !== 'string' || isInside(path)) return;
  report(`${at}/path`, {
    code: 'bad-sub-path',
    message: 'the path of an item stays inside the volume',
    got: print(path),
    allowed: 'a relative path without ..',
    fix: 'make it relative',
  });
}

function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..') && !path.startsWith('..');
}
