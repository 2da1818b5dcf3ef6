/**
 * Fields of the API types of a Kubernetes release, with the feature gates that their comments name. Source: the
 * `types.go` of each group and version in k8s.io/api (comments hold the marker `+featureGate=`, older ones only prose).
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Gates } from './gates';

/** Gates of a field, by field; by type; by table. */
export type Fields = Map<string, Map<string, Map<string, readonly string[]>>>;

const STRUCT = /^type (\w+) struct \{$/;
const EMBEDDED = /^\t(\w+)\s+`json:",inline"/;
const FIELD = /`json:"(\w+)[",]/;

/** Reads every group and version under a k8s.io/api folder. `tables` gives the table of a folder such as `apps/v1`. */
export function readFields(api: string, tables: ReadonlyMap<string, string>, gates: Gates): Fields {
  const fields: Fields = new Map();
  for (const [folder, table] of tables) {
    const file = path.join(api, folder, 'types.go');
    if (fs.existsSync(file)) fields.set(table, readFile(fs.readFileSync(file, 'utf8'), gates));
  }
  return fields;
}

function readFile(text: string, gates: Gates): Map<string, Map<string, readonly string[]>> {
  const types = new Map<string, Map<string, readonly string[]>>();
  const embedded: [heir: string, base: string][] = [];
  let current: Map<string, readonly string[]> | undefined;
  let name = '';
  let comment = '';
  for (const line of text.split('\n')) {
    const struct = STRUCT.exec(line);
    const base = EMBEDDED.exec(line);
    if (struct !== null) types.set((name = struct[1]!), (current = new Map<string, readonly string[]>()));
    else if (base !== null) embedded.push([name, base[1]!]);
    else if (line === '}') current = undefined;
    else if (line.startsWith('\t//')) comment += `${line}\n`;
    else {
      const field = FIELD.exec(line);
      if (field !== null) current?.set(field[1]!, gatesIn(comment, gates));
      comment = '';
    }
  }
  for (const [heir, base] of embedded) types.get(base)?.forEach((named, field) => types.get(heir)?.set(field, named));
  return types;
}

function gatesIn(comment: string, gates: Gates): string[] {
  const marked = [...comment.matchAll(/\+featureGate=(\w+)/g)].map((match) => match[1]!);
  if (marked.length > 0) return marked;
  if (!/feature[ -]?gate|enabling the|to be enabled|feature is enabled|feature flag/i.test(comment)) return [];
  return [...new Set(comment.match(/\b[A-Z]\w+/g) ?? [])].filter((word) => gates.has(word));
}
