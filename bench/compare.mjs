/** Whether the floor and `ashlar synth` wrote the same objects: both are read back and compared, key by key. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';

/** @returns number of objects; throws with the first difference. */
export function compareOutputs(ashlar, floor) {
  const files = readdirSync(floor).sort();
  const written = readdirSync(ashlar).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
  if (written.length !== files.length) throw new Error(`ashlar wrote ${written.length} files, floor ${files.length}`);
  let objects = 0;
  for (const file of files) {
    const ours = byKey(readYaml(join(ashlar, file.replace(/json$/, 'yaml'))));
    const theirs = byKey(JSON.parse(readFileSync(join(floor, file), 'utf8')));
    compare(file, ours, theirs);
    objects += ours.size;
  }
  return objects;
}

function readYaml(path) {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS());
}

function byKey(objects) {
  const key = ({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.namespace ?? '', metadata.name].join(' ');
  return new Map(objects.map((object) => [key(object), object]));
}

function compare(file, ours, theirs) {
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    if (isDeepStrictEqual(ours.get(key), theirs.get(key))) continue;
    const difference = firstDifference(ours.get(key), theirs.get(key), '');
    throw new Error(`${file}: ${key} is not the same; bench/floor*.mjs must follow the derivations.\n  ${difference}`);
  }
}

function firstDifference(ours, theirs, at) {
  const isObject = (value) => typeof value === 'object' && value !== null;
  if (isObject(ours) && isObject(theirs)) {
    const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    for (const name of names) {
      if (!isDeepStrictEqual(ours[name], theirs[name]))
        return firstDifference(ours[name], theirs[name], `${at}/${name}`);
    }
  }
  return `${at || '/'}: ashlar ${JSON.stringify(ours)}, floor ${JSON.stringify(theirs)}`;
}
