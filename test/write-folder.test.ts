import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LIST_FILE, type WriteFolderResult, writeFolder } from '../charts/write-folder';
import { AshlarError } from '../constructs/model/error';

let parent: string;
let folder: string;

beforeEach(() => {
  parent = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'write-folder-'));
  folder = join(parent, 'dist');
});

afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(parent, { recursive: true, force: true });
});

function put(name: string, text: string, root = folder): void {
  fs.mkdirSync(dirname(join(root, name)), { recursive: true });
  fs.writeFileSync(join(root, name), text);
}

function write(files: Record<string, string>): WriteFolderResult {
  return writeFolder(folder, Object.entries(files));
}

/** Everything below the parent folder, folders with a slash: left-over siblings show up here. */
function tree(): Record<string, string> {
  const entries = fs.readdirSync(parent, { recursive: true, withFileTypes: true });
  const named = entries.map((entry): [string, string] => {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(parent.length + 1);
    return entry.isDirectory() ? [`${name}/`, ''] : [name, entry.isFile() ? fs.readFileSync(path, 'utf8') : 'no file'];
  });
  return Object.fromEntries(named);
}

function list(files: Record<string, string>): string {
  const sums = new Map<string, string>();
  for (const [name, text] of Object.entries(files)) sums.set(name, createHash('sha256').update(text).digest('hex'));
  return `${JSON.stringify({ files: Object.fromEntries(sums) }, undefined, 2)}\n`;
}

function errorOf(run: () => unknown): AshlarError {
  try {
    run();
  } catch (error) {
    if (error instanceof AshlarError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

function link(to: string, name: string): void {
  fs.symlinkSync(to, join(folder, name));
}

/** A refused case: what it is, and how it comes about. */
type Refused = readonly [what: string, prepare: () => unknown];

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says, write`), { code, syscall: 'write' });
}

describe('writes', () => {
  test('a new folder, its parents, sub folders and a sorted list', () => {
    folder = join(parent, 'a', 'dist');
    const result = write({ 'z.yaml': 'z: ä\n', 'base/x.yaml': '', 'base/deep/y': 'y' });
    expect(result).toEqual({ written: 3, unchanged: 0, removed: 0 });
    expect(tree()).toEqual({
      'a/': '',
      'a/dist/': '',
      'a/dist/z.yaml': 'z: ä\n',
      'a/dist/base/': '',
      'a/dist/base/x.yaml': '',
      'a/dist/base/deep/': '',
      'a/dist/base/deep/y': 'y',
      [`a/dist/${LIST_FILE}`]: list({ 'base/deep/y': 'y', 'base/x.yaml': '', 'z.yaml': 'z: ä\n' }),
    });
  });

  test('the same list whatever the order', () => {
    write({ a: '1', b: '2' });
    writeFolder(join(parent, 'other'), [
      ['b', '2'],
      ['a', '1'],
    ]);
    expect(tree()[`other/${LIST_FILE}`]).toBe(tree()[`dist/${LIST_FILE}`]);
  });

  test('into an empty folder', () => {
    fs.mkdirSync(folder);
    expect(write({ a: '1' }).written).toBe(1);
  });

  test('over an earlier run: changed, hand-edited, lost and gone files', () => {
    write({ same: '0', changed: '1', edited: '2', lost: '3', 'sub/gone': '4' });
    put('edited', 'by hand');
    fs.rmSync(join(folder, 'lost'));
    const files = { same: '0', changed: 'new', edited: '2', lost: '3' };
    expect(write(files)).toEqual({ written: 3, unchanged: 1, removed: 1 });
    expect(tree()).toEqual({
      'dist/': '',
      'dist/same': '0',
      'dist/changed': 'new',
      'dist/edited': '2',
      'dist/lost': '3',
      [`dist/${LIST_FILE}`]: list({ changed: 'new', edited: '2', lost: '3', same: '0' }),
    });
  });

  test('no files at all', () => {
    write({ a: '1' });
    expect(write({})).toEqual({ written: 0, unchanged: 0, removed: 1 });
    expect(tree()).toEqual({ 'dist/': '', [`dist/${LIST_FILE}`]: list({}) });
  });

  test('nothing when every byte is there, so that times stay', () => {
    write({ a: '1', 'sub/b': '2' });
    const old = new Date(1e12);
    for (const name of ['a', 'sub/b', LIST_FILE, 'sub', '']) fs.utimesSync(join(folder, name), old, old);
    const { ino } = fs.statSync(folder);
    expect(write({ 'sub/b': '2', a: '1' })).toEqual({ written: 0, unchanged: 2, removed: 0 });
    for (const name of ['a', 'sub/b', LIST_FILE, 'sub', '']) expect(fs.statSync(join(folder, name)).mtimeMs).toBe(1e12);
    expect(fs.statSync(folder).ino).toBe(ino);
  });

  test('a list that was edited anew, with the same files', () => {
    write({ a: '1' });
    put(LIST_FILE, list({ a: 'other' }));
    expect(write({ a: '1' })).toEqual({ written: 0, unchanged: 1, removed: 0 });
    expect(tree()[`dist/${LIST_FILE}`]).toBe(list({ a: '1' }));
  });

  test('through a link to a folder, which stays a link', () => {
    fs.mkdirSync(join(parent, 'real'));
    fs.symlinkSync(join(parent, 'real'), folder);
    write({ a: '1' });
    expect(write({ a: '2' }).written).toBe(1);
    expect(fs.lstatSync(folder).isSymbolicLink()).toBe(true);
    expect(fs.readdirSync(parent)).toEqual(['dist', 'real']);
    expect(fs.readFileSync(join(parent, 'real', 'a'), 'utf8')).toBe('2');
  });
});

describe('refuses, and leaves alone,', () => {
  const foreign: Refused[] = [
    ['foreign files without a list', () => put('notes.txt', 'mine')],
    ['foreign files beside ours', () => [write({ a: '1' }), put('b', 'mine')]],
    ['foreign files in our sub folder', () => [write({ 's/a': '1' }), put('s/b', 'mine')]],
    ['a list in a sub folder only', () => put(`s/${LIST_FILE}`, list({ a: '1' }))],
    ['a foreign empty folder', () => fs.mkdirSync(join(folder, 'mine'), { recursive: true })],
    ['a list that is a folder', () => fs.mkdirSync(join(folder, LIST_FILE), { recursive: true })],
    ['a link in place of our file', () => [write({ a: '1' }), fs.rmSync(join(folder, 'a')), link('nowhere', 'a')]],
    ['a link to a folder around it', () => [write({ a: '1' }), link('.', 'around')]],
  ];
  const malformed = ['', '{', 'null', '[]', '{"files":[]}', '{"files":{"a":1}}', list({ '../a': '1' })];
  test.each([
    ['a file', 'output-is-a-file', () => fs.writeFileSync(folder, 'text')] as const,
    ['a link to nowhere', 'output-is-a-file', () => fs.symlinkSync(join(parent, 'nowhere'), folder)] as const,
    ...foreign.map(([what, prepare]) => [what, 'output-holds-foreign-files', prepare] as const),
    ...malformed.map((text) => [`the list ${text}`, 'output-list-malformed', () => put(LIST_FILE, text)] as const),
  ])('%s', (_name, code, prepare) => {
    prepare();
    const before = tree();
    const error = errorOf(() => write({ new: 'text' }));
    expect(error.code).toBe(code);
    expect(error.findings[0]?.path).toBe(folder);
    expect(tree()).toEqual(before);
  });

  test('foreign files are named', () => {
    put('s/mine', '');
    expect(errorOf(() => write({})).message).toContain('s/mine');
  });

  const outside = ['', '/etc/x', '..', '../x', 'a/../x', './x', 'a/./x', 'a//x', 'a/', 'a\\x', 'C:/x', 'C:x', 'a\0'];
  test.each([...outside, LIST_FILE, `${LIST_FILE}/x`])('the name %j', (name) => {
    write({ a: '1' });
    const before = tree();
    const error = errorOf(() => write({ b: '', [name]: '' }));
    expect([error.code, error.findings[0]?.got]).toEqual(['output-name-invalid', name]);
    expect(tree()).toEqual(before);
  });

  test('a name twice, and a file that is a folder too', () => {
    expect(
      errorOf(() =>
        writeFolder(
          folder,
          ['a', 'a'].map((name) => [name, '1']),
        ),
      ).code,
    ).toBe('output-name-invalid');
    expect(errorOf(() => write({ 'a/b/c': '1', a: '1' })).findings[0]?.got).toBe('a');
    expect(tree()).toEqual({});
  });
});

describe('a write that fails leaves the old folder and nothing else', () => {
  beforeEach(() => {
    write({ a: '1', b: '2' });
  });

  /** Lets the first calls through, fails the next, and lets the others through again. */
  function failAt(method: 'writeFileSync' | 'mkdirSync' | 'renameSync', call: number, code: string): void {
    const original = fs[method] as (...args: unknown[]) => never;
    let calls = 0;
    jest.spyOn(fs, method).mockImplementation((...args: unknown[]) => {
      calls += 1;
      if (calls === call) throw systemError(code);
      return original(...args);
    });
  }

  test.each<['writeFileSync' | 'mkdirSync' | 'renameSync', number, string]>([
    ['writeFileSync', 1, 'ENOSPC'],
    ['writeFileSync', 2, 'ENOSPC'],
    ['writeFileSync', 3, 'EIO'],
    ['mkdirSync', 1, 'EROFS'],
    ['mkdirSync', 2, 'EACCES'],
    ['renameSync', 1, 'EBUSY'],
    ['renameSync', 2, 'EACCES'],
  ])('%s, call %d: %s', (method, call, code) => {
    const before = tree();
    failAt(method, call, code);
    const error = errorOf(() => write({ a: 'new', 's/c': '3' }));
    expect([error.code, error.findings[0]?.got]).toEqual(['output-not-writable', code]);
    expect(error.message).toContain(`${code}: as the system says`);
    expect(error.cause).toMatchObject({ code });
    expect(tree()).toEqual(before);
  });

  test('and the next one succeeds', () => {
    failAt('writeFileSync', 1, 'ENOSPC');
    errorOf(() => write({ a: 'new' }));
    expect(write({ a: 'new' })).toEqual({ written: 1, unchanged: 0, removed: 1 });
  });

  test('nothing is visible before all of it is written', () => {
    const before = fs.readdirSync(folder).map((name) => [name, fs.readFileSync(join(folder, name), 'utf8')]);
    const original = fs.renameSync;
    const seen: unknown[] = [];
    jest.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
      if (from === folder)
        seen.push(fs.readdirSync(folder).map((name) => [name, fs.readFileSync(join(folder, name), 'utf8')]));
      original(from, to);
    });
    write({ a: 'new' });
    expect(seen).toEqual([before]);
  });

  test('what is thrown by something else than the system is passed on', () => {
    const broken = new Error('broken');
    jest.spyOn(fs, 'writeFileSync').mockImplementation(() => {
      throw broken;
    });
    expect(() => write({ a: 'new' })).toThrow(broken);
  });
});

describe('after the end of the process in the middle of a run, the next one', () => {
  /** What a run that ended at the given rename leaves behind: from then on, nothing it calls has an effect. */
  function runUntilRename(call: number): void {
    const original = fs.renameSync;
    const remove = fs.rmSync;
    let calls = 0;
    jest.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
      calls += 1;
      if (calls >= call) throw new Error('ended');
      original(from, to);
    });
    jest.spyOn(fs, 'rmSync').mockImplementation((...args) => (calls < 1 ? remove(...args) : undefined));
    expect(() => write({ a: 'new', c: '3' })).toThrow('ended');
    jest.restoreAllMocks();
  }

  beforeEach(() => {
    write({ a: '1', b: '2' });
  });

  const done = () => ({
    'dist/': '',
    'dist/a': 'newer',
    'dist/b': '2',
    [`dist/${LIST_FILE}`]: list({ a: 'newer', b: '2' }),
  });

  test('before the renames: removes what was half-written', () => {
    runUntilRename(1);
    expect(Object.keys(tree())).toEqual(expect.arrayContaining(['.dist.ashlar-next/a', 'dist/a']));
    expect(write({ a: 'newer', b: '2' })).toEqual({ written: 1, unchanged: 1, removed: 0 });
    expect(tree()).toEqual(done());
  });

  test('between the renames: puts the old folder back, and goes on from there', () => {
    runUntilRename(2);
    expect(Object.keys(tree())).toEqual(expect.arrayContaining(['.dist.ashlar-next/a', '.dist.ashlar-former/a']));
    expect(fs.existsSync(folder)).toBe(false);
    expect(write({ a: 'newer', b: '2' })).toEqual({ written: 1, unchanged: 1, removed: 0 });
    expect(tree()).toEqual(done());
  });

  test('between the renames, and the folder was made anew, and the disk is full: has the old one back', () => {
    const before = tree();
    runUntilRename(2);
    fs.mkdirSync(folder);
    jest.spyOn(fs, 'writeFileSync').mockImplementation(() => {
      throw systemError('ENOSPC');
    });
    expect(errorOf(() => write({ a: 'newer' })).findings[0]?.got).toBe('ENOSPC');
    expect(tree()).toEqual(before);
  });

  test('between the renames, and somebody put files there: touches neither', () => {
    runUntilRename(2);
    put('mine', 'text');
    const before = tree();
    expect(errorOf(() => write({ a: 'newer' })).code).toBe('output-holds-foreign-files');
    expect(tree()).toEqual(before);
  });

  test('after the renames: removes the old folder, even if there is nothing to write', () => {
    put('a', '0', join(parent, '.dist.ashlar-former'));
    expect(write({ a: '1', b: '2' })).toEqual({ written: 0, unchanged: 2, removed: 0 });
    expect(Object.keys(tree()).sort()).toEqual(['dist/', `dist/${LIST_FILE}`, 'dist/a', 'dist/b']);
  });
});
