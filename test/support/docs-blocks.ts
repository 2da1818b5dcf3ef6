import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The repository. */
export const ROOT = path.join(__dirname, '..', '..');

/** One fenced block of a page or of a doc comment. */
export interface Block {
  /** `docs/patterns/calls.md:12`, the line of the first line inside the fence. */
  readonly name: string;
  /** File that it stands in, relative to the repository. */
  readonly page: string;
  readonly line: number;
  /** First word of the info string. */
  readonly language: string;
  /** The other words: `output` is `['output', '']`, `tier=production` is `['tier', 'production']`. */
  readonly words: ReadonlyMap<string, string>;
  readonly text: string;
}

const FENCE = /^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm;

/** The pages that users read: README.md and docs/, without the API report. */
export function pages(): readonly string[] {
  const docs = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join('docs', file.replaceAll(path.sep, '/')))
    .filter((file) => file.endsWith('.md') && !file.startsWith('docs/api/'));
  return ['README.md', ...docs.sort()];
}

/** Text of a file of the repository. */
export function textOf(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** The fenced blocks of a page. */
export function blocksOf(page: string): readonly Block[] {
  return blocksIn(page, textOf(page), (line) => line);
}

/** The blocks under `@example` in the doc comments of a source file. */
export function examplesOf(file: string): readonly Block[] {
  const source = textOf(file);
  return [...source.matchAll(/^\/\*\*[\s\S]*?\*\//gm)].flatMap((comment) => {
    const first = lineAt(source, comment.index);
    const text = comment[0].replace(/^ \* ?/gm, '');
    const example = text.indexOf('@example');
    return example < 0 ? [] : blocksIn(file, text, (line) => first + line - 1);
  });
}

function blocksIn(page: string, text: string, toLine: (line: number) => number): readonly Block[] {
  return [...text.matchAll(FENCE)].map(([, language = '', info = '', code = ''], index) => {
    const start = [...text.matchAll(FENCE)][index]?.index ?? 0;
    const line = toLine(lineAt(text, start) + 1);
    const words = info
      .split(' ')
      .filter((word) => word !== '')
      .map((word): [string, string] => {
        const [name = '', value = ''] = word.split('=');
        return [name, value];
      });
    return { name: `${page}:${line}`, page, line, language, words: new Map(words), text: code };
  });
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
