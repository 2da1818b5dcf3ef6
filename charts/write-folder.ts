/**
 * Replaces a folder of generated files as a whole. Writing file by file leaves half of the old and half of the new
 * system behind when it stops in the middle, and a tool that watches the folder applies just that. So everything is
 * written to a sibling first, and then swapped in by two renames, which touch no content and need no space.
 *
 * What was written is listed in the folder (`.ashlar.json`). Only a folder with such a list, and nothing beyond it, is
 * replaced: a mistyped path never costs anybody's files.
 *
 * One writer at a time. Survives the end of the process at any point, and a full disk. After a loss of power the next
 * run compares bytes and so writes again what did not reach the disk.
 */
import { hash } from 'node:crypto';
import fs from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AshlarError } from '../constructs/model/error';

/** The list of what was written, inside the folder: `{ "files": { "<name>": "<sha256 in hex>" } }`, sorted by name. */
export const LIST_FILE = '.ashlar.json';

/** What became of the files, as numbers of files; the list itself does not count. */
export interface WriteFolderResult {
  /** New, or with other content than before. */
  readonly written: number;
  /** With the bytes that were there before. */
  readonly unchanged: number;
  /** Written by an earlier run and no longer wanted. */
  readonly removed: number;
}

/** The folder, and what stands beside it while it is replaced: under fixed names, so that a crash is noticed. */
interface Places {
  readonly folder: string;
  readonly next: string;
  readonly former: string;
}

type Contents = ReadonlyMap<string, Buffer>;

/**
 * Makes `folder` hold exactly `files` (name to bytes, or to text, written as UTF-8) and the list of them. Names are relative, with
 * `/` for sub folders. Missing parents are made. If every byte is there already, nothing is touched. Files that an
 * earlier run wrote are ours: replaced if edited by hand, removed if no longer named.
 *
 * @throws AshlarError, and the folder is as it was: `output-name-invalid` (empty, absolute, with `.`, `..` or a
 * backslash, or twice), `output-is-a-file`, `output-holds-foreign-files`, `output-list-malformed`,
 * `output-not-writable` (with the code of the system, such as ENOSPC, in `got` and its error as `cause`).
 */
export function writeFolder(
  folder: string,
  files: Iterable<readonly [name: string, content: string | Buffer]>,
): WriteFolderResult {
  const wanted = contentsOf(files, folder);
  try {
    const places = placesOf(folder);
    recover(places);
    const listed = ownFiles(places.folder);
    fs.rmSync(places.next, { recursive: true, force: true });
    fs.rmSync(places.former, { recursive: true, force: true });
    return replace(places, wanted, listed);
  } catch (error) {
    throw isSystemError(error) ? notWritable(folder, error) : error;
  }
}

function contentsOf(files: Iterable<readonly [string, string | Buffer]>, folder: string): Contents {
  const contents = new Map<string, Buffer>();
  for (const [name, content] of files) {
    if (!isName(name) || contents.has(name)) throw invalidName(folder, name);
    contents.set(name, typeof content === 'string' ? Buffer.from(content) : content);
  }
  for (const parent of parentsOf(contents.keys())) {
    if (contents.has(parent)) throw invalidName(folder, parent);
  }
  return contents;
}

/** Not ours to interpret: nothing that leaves the folder, or means different places on different systems. */
function isName(name: string): boolean {
  const parts = name.split('/');
  const isPortable = !/[\\\0]|^[A-Za-z]:/.test(name);
  return isPortable && parts[0] !== LIST_FILE && parts.every((part) => !['', '.', '..'].includes(part));
}

function parentsOf(names: Iterable<string>): Set<string> {
  const parents = new Set<string>();
  for (const name of names) {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1))
      parents.add(name.slice(0, end));
  }
  return parents;
}

/** A link to a folder stays a link: what it leads to is replaced. */
function placesOf(folder: string): Places {
  const real = fs.existsSync(folder) ? fs.realpathSync(folder) : resolve(folder);
  const beside = (suffix: string): string => join(dirname(real), `.${basename(real)}.ashlar-${suffix}`);
  return { folder: real, next: beside('next'), former: beside('former') };
}

/** An earlier run ended between the renames: the folder is away, or somebody made it anew. What it was is put back. */
function recover({ folder, former }: Places): void {
  if (!fs.existsSync(former)) return;
  const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
  const isEmpty = stat?.isDirectory() === true && fs.readdirSync(folder).length === 0;
  if (isEmpty) fs.rmdirSync(folder);
  if (isEmpty || stat === undefined) fs.renameSync(former, folder);
}

/** Names of what an earlier run wrote, or `undefined` if there is no folder. */
function ownFiles(folder: string): ReadonlySet<string> | undefined {
  const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isDirectory()) {
    throw new AshlarError({
      code: 'output-is-a-file',
      message: 'the output is a folder, but a file is in its place',
      path: folder,
      fix: 'name another folder, or remove the file',
    });
  }
  const entries = entriesOf(folder);
  const hasList = entries.get(LIST_FILE)?.isFile() === true;
  const listed = new Set(hasList ? readList(folder) : []);
  refuseForeign(folder, entries, listed);
  return listed;
}

function readList(folder: string): string[] {
  const text = fs.readFileSync(join(folder, LIST_FILE), 'utf8');
  const names = namesIn(text);
  if (names !== undefined) return names;
  throw new AshlarError({
    code: 'output-list-malformed',
    message: `${LIST_FILE}, the list of the files that an earlier run wrote, cannot be understood`,
    path: folder,
    allowed: '{ "files": { "<name>": "<sha256>" } }',
    fix: 'look through the folder and remove it, or name another one',
  });
}

function namesIn(text: string): string[] | undefined {
  try {
    const { files } = JSON.parse(text) as { files: unknown };
    if (typeof files !== 'object' || files === null || Array.isArray(files)) return undefined;
    const isEntry = ([name, sum]: [string, unknown]): boolean => isName(name) && /^[0-9a-f]{64}$/.test(String(sum));
    return Object.entries(files).every(isEntry) ? Object.keys(files) : undefined;
  } catch {
    return undefined;
  }
}

function refuseForeign(folder: string, entries: ReadonlyMap<string, fs.Dirent>, listed: ReadonlySet<string>): void {
  const parents = parentsOf(listed);
  const isOurs = ([name, entry]: [string, fs.Dirent]): boolean =>
    entry.isDirectory() ? parents.has(name) : entry.isFile() && (listed.has(name) || name === LIST_FILE);
  const foreign = [...entries]
    .filter((entry) => !isOurs(entry))
    .map(([name]) => name)
    .sort();
  if (foreign.length === 0) return;
  throw new AshlarError({
    code: 'output-holds-foreign-files',
    message: `the folder would be replaced as a whole, but holds foreign files: ${foreign.slice(0, 5).join(', ')}`,
    path: folder,
    got: `${foreign.length} not listed in ${LIST_FILE}`,
    fix: 'name another folder, or move these out of it',
  });
}

/** By name, with `/`. Not by the recursive mode of readdir: that follows links, out of the folder and in circles. */
function entriesOf(folder: string, prefix = ''): Map<string, fs.Dirent> {
  const entries = new Map<string, fs.Dirent>();
  for (const entry of fs.readdirSync(join(folder, prefix), { withFileTypes: true })) {
    const name = prefix + entry.name;
    entries.set(name, entry);
    if (!entry.isDirectory()) continue;
    for (const [inner, innerEntry] of entriesOf(folder, `${name}/`)) entries.set(inner, innerEntry);
  }
  return entries;
}

function replace(places: Places, wanted: Contents, listed: ReadonlySet<string> | undefined): WriteFolderResult {
  const list = listOf(wanted);
  const all = [...wanted.keys()];
  const unchanged = all.filter((name) => listed?.has(name) && holds(places.folder, name, wanted.get(name)));
  const removed = [...(listed ?? [])].filter((name) => !wanted.has(name)).length;
  const isSame = unchanged.length === all.length && holds(places.folder, LIST_FILE, list);
  if (!isSame) writeAndSwap(places, new Map([...wanted, [LIST_FILE, list]]), listed !== undefined);
  return { written: all.length - unchanged.length, unchanged: unchanged.length, removed };
}

function listOf(contents: Contents): Buffer {
  const sorted = [...contents].sort(([a], [b]) => (a < b ? -1 : 1));
  const files = Object.fromEntries(sorted.map(([name, bytes]) => [name, hash('sha256', bytes)]));
  return Buffer.from(`${JSON.stringify({ files }, undefined, 2)}\n`);
}

function holds(folder: string, name: string, bytes: Buffer | undefined): boolean {
  const file = join(folder, name);
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  return stat !== undefined && stat.size === bytes?.length && fs.readFileSync(file).equals(bytes);
}

function writeAndSwap(places: Places, contents: Contents, isThere: boolean): void {
  try {
    fs.mkdirSync(places.next, { recursive: true });
    for (const parent of parentsOf(contents.keys())) fs.mkdirSync(join(places.next, parent), { recursive: true });
    // `wx`, as two names that differ in case only would be one file to some file systems.
    for (const [name, bytes] of contents) fs.writeFileSync(join(places.next, name), bytes, { flag: 'wx' });
    swap(places, isThere);
  } catch (error) {
    removeIfPossible(places.next);
    throw error;
  }
  removeIfPossible(places.former);
}

function swap({ folder, next, former }: Places, isThere: boolean): void {
  if (isThere) fs.renameSync(folder, former);
  try {
    fs.renameSync(next, folder);
  } catch (error) {
    if (isThere) fs.renameSync(former, folder);
    throw error;
  }
}

/** What cannot be removed now is harmless, and the next run tries again: the outcome of this run is decided already. */
function removeIfPossible(folder: string): void {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch {
    // See above.
  }
}

function invalidName(folder: string, name: string): AshlarError {
  return new AshlarError({
    code: 'output-name-invalid',
    message: `${JSON.stringify(name)} cannot be the name of a file in the output`,
    path: folder,
    got: name,
    allowed: `relative names with "/", each once, other than ${LIST_FILE}, and no folder that is also a file`,
  });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

function notWritable(folder: string, cause: Error & { readonly code: string }): AshlarError {
  const error = new AshlarError({
    code: 'output-not-writable',
    message: `the output could not be written: ${cause.message}`,
    path: folder,
    got: cause.code,
    fix: FIXES[cause.code] ?? 'see that the folder and the one around it can be written to',
  });
  error.cause = cause;
  return error;
}

const FIXES: Readonly<Record<string, string>> = {
  ENOSPC: 'make room: old and new output need space at the same time',
  EDQUOT: 'make room: old and new output need space at the same time',
  EROFS: 'name a folder on a file system that is not read-only',
  EBUSY: 'name a folder inside of the mounted one, as a mount point itself cannot be replaced',
};
