import path from 'node:path';
import ts from 'typescript';
import * as ashlar from 'ashlar';
import * as charts from 'ashlar/charts';
import { ROOT, type Block } from './docs-blocks';

/**
 * What a block may use without saying where it comes from. Only blocks without imports get it, each name that they
 * use and do not declare, and what that name needs in its turn.
 */
const PRELUDE: Readonly<Record<string, string>> = {
  ordering: `const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });`,
  billing: `const billing = new BoundedContext(shop, 'billing', { team: 'billing' });`,
  cart: `const cart = new BoundedContext(shop, 'cart', { team: 'orders' });`,
  orders: `const orders = new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.4.2', ports: { http: 8080 } });`,
  payments: `const payments = new Microservice(billing, 'payments', { image: 'ghcr.io/acme/payments:2.3.1', ports: { grpc: 9090 } });`,
  cartservice: `const cartservice = new Microservice(cart, 'cartservice', { image: 'ghcr.io/acme/cart:1.0.0', ports: { grpc: 7070 } });`,
};

/** What `shop` is where whole platforms are handled: in the doc comments of charts/ and testing/. */
const DEFINITION = `const shop = definePlatform('shop', (platform) => {
  const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
  new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.4.2', ports: { http: 8080 } });
});`;

const EXPORTS: readonly (readonly [module: string, names: readonly string[]])[] = [
  ['ashlar', Object.keys(ashlar)],
  ['ashlar/charts', Object.keys(charts)],
  ['cdk8s', ['App']],
];

/** A block as a file that TypeScript and Node take. */
export interface Module {
  readonly block: Block;
  /** Absolute; nothing lies there. */
  readonly file: string;
  readonly text: string;
  /** Lines before the first line of the block. */
  readonly before: number;
}

/** Makes a file of a block. */
export function moduleOf(block: Block): Module {
  const folder = path.join(ROOT, 'test', 'docs-blocks', block.page.replace(/\.\w+$/, ''));
  const file = path.join(folder, block.words.get('file') ?? `line-${block.line}.ts`);
  const { imports, exports, used, declared } = namesIn(block.text);
  if (imports) return { block, file, text: block.text, before: 0 };
  const wraps = !exports && !handlesDefinitions(block);
  const open = wraps ? [`export default definePlatform('shop', (shop) => {`] : [];
  const above = [...open, ...preludeOf(block, used, declared)];
  const text = [...above, block.text, ...(wraps ? ['});'] : [])].join('\n');
  const lines = [...importsFor(namesIn(text)), ...above].join('\n');
  const before = lines === '' ? 0 : lines.split('\n').length;
  return { block, file, before, text: [...importsFor(namesIn(text)), text].join('\n') };
}

/** Blocks of these folders take whole platforms. */
function handlesDefinitions({ page }: Block): boolean {
  return /^(charts|testing)\//.test(page);
}

function preludeOf(block: Block, used: ReadonlySet<string>, declared: ReadonlySet<string>): readonly string[] {
  if (!handlesDefinitions(block)) return preludeFor(used, declared);
  return used.has('shop') && !declared.has('shop') ? [DEFINITION] : [];
}

function preludeFor(used: ReadonlySet<string>, declared: ReadonlySet<string>): readonly string[] {
  const wanted = new Set<string>();
  const want = (name: string): void => {
    const said = PRELUDE[name];
    if (said === undefined || wanted.has(name) || declared.has(name)) return;
    wanted.add(name);
    for (const needed of namesIn(said).used) want(needed);
  };
  for (const name of used) want(name);
  return Object.keys(PRELUDE)
    .filter((name) => wanted.has(name))
    .map((name) => PRELUDE[name] ?? '');
}

function importsFor({ used, declared }: Names): readonly string[] {
  return EXPORTS.flatMap(([module, exported]) => {
    const names = exported.filter((name) => used.has(name) && !declared.has(name));
    return names.length === 0 ? [] : [`import { ${names.join(', ')} } from '${module}';`];
  });
}

interface Names {
  readonly imports: boolean;
  readonly exports: boolean;
  readonly used: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
}

function namesIn(text: string): Names {
  const source = ts.createSourceFile('block.ts', text, ts.ScriptTarget.ES2023, true);
  const used = new Set<string>();
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const isField = ts.isPropertyAccessExpression(parent) && parent.name === node;
      const isKey = ts.isPropertyAssignment(parent) && parent.name === node;
      const isDeclaration =
        (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isClassDeclaration(parent)) &&
        parent.name === node;
      if (isDeclaration) declared.add(node.text);
      else if (!isField && !isKey) used.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return {
    imports: source.statements.some(ts.isImportDeclaration),
    exports: /^export /m.test(text),
    used,
    declared,
  };
}

/** What the compiler says about each file, as `page:line message`. */
export function problemsOf(modules: readonly Module[]): ReadonlyMap<Module, readonly string[]> {
  const options = compilerOptions();
  const byFile = new Map(modules.map((module) => [module.file, module]));
  const base = ts.createCompilerHost(options);
  const virtual = (file: string): Module | undefined => byFile.get(path.normalize(file));
  const host: ts.CompilerHost = {
    ...base,
    fileExists: (file) => virtual(file) !== undefined || base.fileExists(file),
    readFile: (file) => virtual(file)?.text ?? base.readFile(file),
    directoryExists: (folder) => folder.includes('docs-blocks') || (base.directoryExists?.(folder) ?? true),
    getSourceFile: (file, target, ...rest) => {
      const module = virtual(file);
      if (module === undefined) return base.getSourceFile(file, target, ...rest);
      return ts.createSourceFile(file, module.text, target, true);
    },
  };
  const program = ts.createProgram({ rootNames: [...byFile.keys()], options, host });
  return new Map(
    modules.map((module) => {
      const source = program.getSourceFile(module.file);
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return [module, found.map((diagnostic) => described(module, diagnostic))];
    }),
  );
}

function compilerOptions(): ts.CompilerOptions {
  const read = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(
    { ...(read.config as object), include: [], files: [] },
    ts.sys,
    ROOT,
  );
  return { ...options, declaration: false };
}

function described({ block, before }: Module, { file, start = 0, messageText }: ts.Diagnostic): string {
  const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) - before + block.line;
  return `${block.page}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}

/** Runs a file; relative imports lead to the other files. */
export function runModule(module: Module, modules: readonly Module[]): Record<string, unknown> {
  return load(module, modules, new Map());
}

function load(
  module: Module,
  modules: readonly Module[],
  loaded: Map<Module, { exports: Record<string, unknown> }>,
): Record<string, unknown> {
  const known = loaded.get(module);
  if (known !== undefined) return known.exports;
  const made: { exports: Record<string, unknown> } = { exports: {} };
  loaded.set(module, made);
  const { outputText } = ts.transpileModule(module.text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true },
    fileName: module.file,
  });
  const requireFrom = (name: string): unknown => {
    if (!name.startsWith('.')) return require(name);
    const target = path.join(path.dirname(module.file), name);
    const found = modules.find(({ file }) => file === `${target}.ts` || file === path.join(target, 'index.ts'));
    if (found === undefined) throw new Error(`${module.block.name} imports ${name}, which no block of the page is`);
    return load(found, modules, loaded);
  };
  // Named by its page and line, so that findings and stacks lead there.
  const code = `${outputText}\n//# sourceURL=${path.basename(module.file)}`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const run = new Function('require', 'module', 'exports', code) as (...given: unknown[]) => void;
  run(requireFrom, made, made.exports);
  return made.exports;
}
