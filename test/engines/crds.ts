import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { clusterError } from '../../testing/cluster/problems';
import type { Engine, Part } from './engine';
import { go } from './go';

/** Definitions of custom resources, in a Go module. */
interface Family {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** Go's checksum of the module. */
  readonly sum: string;
  /** A folder, or a file, in it. */
  readonly path: string;
}

/** Families of custom resources that Ashlar's back ends emit. Strimzi's come from Maven and are not here. */
const FAMILIES = JSON.parse(readFileSync(path.join(__dirname, 'crds.json'), 'utf8')) as readonly Family[];

const FOLDER = 'definitions';

/** The definitions of custom resources, one file a family, without what only people read. */
export function crds(): Engine {
  return {
    name: 'crds',
    version: `${FAMILIES.length} families`,
    inputs: [JSON.stringify(FAMILIES), readFileSync(__filename, 'utf8')],
    parts: FAMILIES.map(partOf),
  };
}

function partOf(family: Family): Part {
  const make = async (folder: string): Promise<readonly string[]> => {
    const file = `${FOLDER}/${family.name}.json`;
    const definitions = definitionsIn(await download(family)).map(stripped);
    if (definitions.length === 0)
      throw problem(family, 'no definition', 'definitions', 'Correct its path in crds.json.');
    mkdirSync(path.join(folder, FOLDER), { recursive: true });
    writeFileSync(path.join(folder, file), JSON.stringify(definitions));
    return [file];
  };
  return { name: family.name, make };
}

/** @returns the path of the definitions */
async function download(family: Family): Promise<string> {
  const printed = await go(['mod', 'download', '-json', `${family.module}@${family.version}`]);
  const { Dir, Sum } = JSON.parse(printed) as { Dir: string; Sum: string };
  if (Sum !== family.sum) throw problem(family, Sum, family.sum, 'Do not use it; find out who changed it.');
  return path.join(Dir, family.path);
}

function definitionsIn(place: string): readonly object[] {
  const files = statSync(place).isDirectory()
    ? readdirSync(place)
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => path.join(place, file))
    : [place];
  const documents = files.flatMap((file) => [...parseAllDocuments(readFileSync(file, 'utf8'))]);
  return documents
    .map((document) => document.toJS() as { kind?: string } | null)
    .filter((value): value is { kind: string } => value?.kind === 'CustomResourceDefinition');
}

/**
 * Without descriptions, which are most of it and slow the server down, and without conversion webhooks, which nobody
 * serves here.
 */
function stripped(definition: object): object {
  const copy = structuredClone(definition) as { status?: unknown; spec: { conversion?: unknown; versions: Version[] } };
  delete copy.status;
  delete copy.spec.conversion;
  const versions = copy.spec.versions.map(({ schema, ...rest }) => ({ ...rest, schema: withoutDescriptions(schema) }));
  return { ...copy, spec: { ...copy.spec, versions } };
}

interface Version {
  readonly schema?: unknown;
}

/** A field called `description` has a schema for its value; only a text is a description. */
function withoutDescriptions(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutDescriptions);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([name, value]) => name !== 'description' || typeof value !== 'string');
  return Object.fromEntries(kept.map(([name, value]) => [name, VALUES.has(name) ? value : withoutDescriptions(value)]));
}

/** Hold values, not schemas; a property of that name has a schema, which is left as it is. */
const VALUES: ReadonlySet<string> = new Set(['default', 'enum', 'example']);

function problem({ module, version }: Family, got: string, allowed: string, fix: string): Error {
  return clusterError({
    code: 'checksum-mismatch',
    path: `engines/crds → ${module}@${version}`,
    message: 'The module is not the one that was pinned.',
    got,
    allowed,
    fix,
  });
}
