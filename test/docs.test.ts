/**
 * What README.md and docs/ show is true. Conventions, by the info string of a fenced block:
 *
 *   ts                     with imports: a whole file. Without: statements inside the function of `definePlatform`, where
 *                          `shop`, `ordering`, `billing`, `orders`, `payments`, `cart` and `cartservice` are given (see
 *                          support/docs-program.ts). It compiles (strict) and runs. What exports a platform is
 *                          synthesized in every tier and has no findings but those that `finds=code,code` names.
 *   ts mesh=istio-sidecar  the same in environments that chose this mesh; `gateway=istio`, `rollout=argo-rollouts`
 *                          likewise, and services have the library of `library=resilience4j`.
 *   ts file=a/b.ts         a file of the page: its other blocks import it by that path. `*.test.ts` run as tests.
 *   ts no-run              compiles only.
 *   yaml environment       fits the schema of environment files; `yaml layer` that of layer files.
 *   yaml file=a/b.yaml     is there, under that path, while the files of the page run.
 *   yaml output            stands in the plan of the ts block above it, in production or in `tier=...`.
 *   text objects           one object a line; each is in that plan. With `all` it has no others.
 *   text finding           is printed for that plan by `ashlar check`.
 *   sh                     commands of `ashlar` exist, with their options.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KubeObject, Plan } from 'ashlar';
import { displayNameOf } from 'ashlar';
import { installMatchers } from 'ashlar/testing';
import { parse, parseAllDocuments } from 'yaml';
import { environmentFileSchema, layerSchema } from '../charts/environment-shape';
import { validateData } from '../charts/validate-data';
import { commandLine } from '../cli/main';
import { printFinding } from '../cli/print-findings';
import { PIECES } from '../constructs/pieces';
import { ROOT, blocksOf, examplesOf, pages, textOf, type Block } from './support/docs-blocks';
import { inFolderOf, isPart, objectFor, plansOf } from './support/docs-plans';
import { moduleOf, problemsOf, runModule, type Module } from './support/docs-program';

installMatchers(expect);
process.env['NO_COLOR'] = '1';

const PAGES = pages();
const blocks = PAGES.flatMap(blocksOf);
const modules = blocks.filter(({ language }) => language === 'ts').map(moduleOf);
const examples = sourcesIn('constructs', 'charts').flatMap(examplesOf).map(moduleOf);

function sourcesIn(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => {
    const files = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => path.posix.join(folder, file.replaceAll(path.sep, '/')));
  });
}

const ofPage = (page: string): readonly Module[] => modules.filter(({ block }) => block.page === page);
const isTest = ({ words }: Block): boolean => words.get('file')?.endsWith('.test.ts') === true;

/** Runs a file once. */
const exportsOf = memoized((module: Module) => {
  const files = blocks.filter(
    ({ page, words, language }) => page === module.block.page && language !== 'ts' && words.has('file'),
  );
  return inFolderOf(files, () => runModule(module, ofPage(module.block.page)));
});
const plansOfModule = memoized((module: Module) => plansOf(exportsOf(module), module.block.words));

function memoized<A extends object, B>(compute: (given: A) => B): (given: A) => B {
  const known = new Map<A, B>();
  return (given) => {
    if (!known.has(given)) known.set(given, compute(given));
    return known.get(given) as B;
  };
}

/** The plans of the nearest platform above a block. */
function plansAbove({ page, line }: Block): ReadonlyMap<string, Plan> {
  const above = ofPage(page).filter(({ block }) => block.line < line && !isTest(block));
  return above.map(plansOfModule).findLast((plans) => plans.size > 0) ?? new Map<string, Plan>();
}

const planAbove = (block: Block): Plan | undefined => plansAbove(block).get(block.words.get('tier') ?? 'production');

/** Cases of `test.each`, by name. */
function named<T>(items: readonly T[], nameOf: (item: T) => string): readonly (readonly [string, T])[] {
  return items.map((item) => [nameOf(item), item]);
}

const cases = (language: string, word?: string): readonly (readonly [string, Block])[] =>
  named(
    blocks.filter((block) => block.language === language && (word === undefined || block.words.has(word))),
    ({ name }) => name,
  );

describe('TypeScript', () => {
  let problems: ReadonlyMap<Module, readonly string[]>;
  beforeAll(() => {
    problems = problemsOf([...modules, ...examples]);
  }, 60_000);

  test.each(named([...modules, ...examples], ({ block }) => block.name))('%s compiles', (_, module) => {
    expect(problems.get(module)).toEqual([]);
  });

  test.each(
    named(
      modules.filter(({ block }) => !isTest(block) && !block.words.has('no-run')),
      ({ block }) => block.name,
    ),
  )('%s runs', (_, module) => {
    const found = [...plansOfModule(module).values()].flatMap(({ findings }) => findings);
    const expected = module.block.words.get('finds')?.split(',') ?? [];
    expect([...new Set(found.map(({ code }) => code))].sort()).toEqual(expected.sort());
  });

  test.each(named(examples, ({ block }) => block.name))('%s can be synthesized', (_, module) => {
    expect(() => plansOfModule(module)).not.toThrow();
  });
});

for (const module of modules.filter(({ block }) => isTest(block))) {
  describe(module.block.name, () => void exportsOf(module));
}

describe('environments', () => {
  test.each([...cases('yaml', 'environment'), ...cases('yaml', 'layer')])('%s is valid', (_, { words, text }) => {
    const schema = words.has('layer') ? layerSchema(PIECES) : environmentFileSchema(PIECES);
    expect(validateData(schema, parse(text))).toEqual([]);
  });
});

describe('docs/patterns/environments.md', () => {
  const page = 'docs/patterns/environments.md';

  test('shows every field of an environment file', () => {
    const shown = blocksOf(page).find(({ words }) => words.has('environment'))?.text ?? '';
    const fields = Object.keys(environmentFileSchema(PIECES).properties ?? {});
    expect(Object.keys(parse(shown) as object).sort()).toEqual(fields.sort());
  });

  test('lists every setting', () => {
    const settings = PIECES.flatMap((piece) => (piece.piece === 'setting' ? [piece.id] : []));
    const listed = [...textOf(page).matchAll(/^\| `(\w+)` \|/gm)].map(([, id]) => id);
    expect(listed.sort()).toEqual(settings.sort());
  });
});

describe('output', () => {
  test.each(cases('yaml', 'output'))('%s is in the plan', (_, block) => {
    const plan = planAbove(block);
    for (const document of parseAllDocuments(block.text)) {
      const excerpt = document.toJS() as KubeObject;
      const whole = objectFor(excerpt, plan);
      if (!isPart(excerpt, whole)) expect(whole).toMatchObject(excerpt);
    }
    expect(plan).toBeDefined();
  });

  test.each(cases('text', 'objects'))('%s are in the plan', (_, block) => {
    const planned = planAbove(block)?.objects.map(({ manifest }) => displayNameOf(manifest)) ?? [];
    const listed = block.text.trim().split('\n');
    expect(planned).toEqual(expect.arrayContaining(listed));
    if (block.words.has('all')) expect([...planned].sort()).toEqual([...listed].sort());
  });

  test.each(cases('text', 'finding'))('%s is printed', (_, block) => {
    const findings = [...plansAbove(block).values()].flatMap((plan) =>
      plan.findings.map((finding) => printFinding(finding)),
    );
    expect(findings.map(withoutLines)).toContain(withoutLines(block.text.trimEnd()));
  });
});

describe('commands', () => {
  const root = commandLine(() => undefined);
  const lines = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ name, text }) => text.split('\n').map((line) => ({ name, line })));
  const commands = lines.filter(({ line }) => /^(npx )?ashlar /.test(line));

  test.each(named(commands, ({ name, line }) => `${name} ${line}`))('%s', (_, { line }) => {
    // What comes after a pipe is another program's.
    const [own = ''] = line.replace(/^(npx )?ashlar /, '').split(/\s[|>]/);
    const [verb, ...words] = own.split(/\s+/);
    const command = root.commands.find((one) => one.name() === verb);
    const known = command?.options.flatMap(({ long, short }) => [long, short]) ?? [];
    expect(command?.name()).toBe(verb);
    expect(known).toEqual(expect.arrayContaining(words.filter((word) => word.startsWith('-'))));
  });
});

describe('the script that collects configurations', () => {
  const script = blocks.find(({ words }) => words.get('file') === 'collect-configs.sh')?.text ?? '';
  const pod = { spec: { containers: [{ envFrom: [{ configMapRef: { name: 'limits-aaaa' } }] }] } };

  test.each([
    ['what nothing refers to', { items: [pod] }, ['limits-bbbb', 'limits-aaa']],
    ['all where nothing runs', { items: [] }, ['limits-aaaa', 'limits-bbbb', 'limits-aaa']],
    ['nothing where the pods cannot be read', undefined, []],
  ])('deletes %s', (_, users, deleted) => {
    const answers = { 'get configmaps': 'limits-aaaa limits-bbbb limits-aaa', 'get pods': users };
    const { code, names } = deletedBy(script, answers);
    expect(names).toEqual(deleted);
    expect(code).toBe(users === undefined ? 1 : 0);
  });
});

describe('the script that collects tasks', () => {
  const script = blocks.find(({ words }) => words.get('file') === 'collect-tasks.sh')?.text ?? '';
  const answers = { 'get jobs': 'seed-aaaa seed-bbbb seed-bbbbb' };
  const plan = 'kind: Job\nmetadata:\n  name: seed-bbbb\n  namespace: ordering\n';

  test('deletes what the plan does not have', () => {
    expect(deletedBy(script, answers, plan)).toEqual({ code: 0, names: ['seed-aaaa', 'seed-bbbbb'] });
  });

  test('deletes nothing where there is no plan', () => {
    expect(deletedBy(script, answers, '')).toEqual({ code: 1, names: [] });
  });
});

describe.each(PAGES)('%s', (page) => {
  const text = textOf(page);
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '');

  test('links lead somewhere', () => {
    const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const lost = targets.filter((target) => !/^[a-z]+:/.test(target) && !leads(page, target));
    expect(lost).toEqual([]);
  });

  test('names in code style exist', () => {
    const known = knownText();
    const names = [...prose.matchAll(/`([a-z][a-z0-9]*(?:-[a-z0-9]+)+)`/g)].map(([, name = '']) => name);
    expect(names.filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(known))).toEqual([]);
  });
});

/** Runs a script with a kubectl that gives these answers and refuses all else; the names that it was told to delete. */
function deletedBy(
  script: string,
  answers: Readonly<Record<string, object | string | undefined>>,
  input = '',
): { readonly code: number | null; readonly names: readonly string[] } {
  const folder = mkdtempSync(path.join(tmpdir(), 'ashlar-kubectl-'));
  const known = Object.entries(answers).flatMap(([command, answer]) => {
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    return text === undefined ? [] : [`  "${command}"*) echo '${text}' ;;`];
  });
  const kubectl = `#!/bin/sh
case "$1 $2" in
  "delete "*) echo "$3" >> "${folder}/deleted" ;;
${known.join('\n')}
  *) exit 1 ;;
esac
`;
  writeFileSync(path.join(folder, 'kubectl'), kubectl, { mode: 0o755 });
  writeFileSync(path.join(folder, 'script.sh'), script);
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  const { status } = spawnSync('sh', [path.join(folder, 'script.sh'), 'ordering'], { input, env });
  const log = path.join(folder, 'deleted');
  const names = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  rmSync(folder, { recursive: true, force: true });
  return { code: status, names };
}

/** Lines of the program differ: a block is shorter than the file that it would stand in. */
function withoutLines(text: string): string {
  return text.replace(/\([\w.-]+\.ts:\d+:\d+\)/g, '(line)');
}

/** A file, and a heading in it where the link names one. */
function leads(page: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const full = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
  if (!existsSync(path.join(ROOT, full))) return false;
  if (anchor === undefined) return true;
  const headings = [...textOf(full).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.some(
    (heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-') === anchor,
  );
}

/** All sources and all blocks: a finding's code, an object's name or a package that is in none of them is made up. */
const sources = memoized((_: object) => {
  const files = sourcesIn('constructs', 'charts', 'stacks', 'policies', 'testing', 'cli', 'examples');
  return [...files, 'package.json'].map(textOf).join('\n') + blocks.map(({ text }) => text).join('\n');
});
const knownText = (): string => sources(PAGES);
