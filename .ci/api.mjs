/**
 * Compares the public API of each entry point with its report in docs/api. `--update` writes the reports instead
 * (`npm run api`). A public symbol without a doc comment fails, and so does a type that users meet but cannot import.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SETTINGS = join(ROOT, 'api-extractor.json');
const update = process.argv.includes('--update');

/** Entry point -> declarations, from package.json. */
const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const entries = Object.entries(exports)
  .filter(([, target]) => target.types)
  .map(([path, { types }]) => ({
    name: path === '.' ? 'ashlar' : path.slice(2).replaceAll('/', '-'),
    types: join(ROOT, types),
  }));

function configOf({ name, types }) {
  const settings = ExtractorConfig.loadFile(SETTINGS);
  settings.mainEntryPointFilePath = types;
  settings.apiReport.reportFileName = name;
  return ExtractorConfig.prepare({
    configObject: settings,
    configObjectFullPath: SETTINGS,
    packageJsonFullPath: join(ROOT, 'package.json'),
  });
}

/** Symbols of the main entry point: what another entry point mentions must be importable from there. */
const importable = new Set();

/** api-extractor names the file by its own copy, and tells what to do about it at length: `extract` says that shorter. */
const SILENT = [
  'console-preamble',
  'console-compiler-version-notice',
  'console-api-report-copied',
  'console-api-report-created',
  'console-api-report-not-copied',
];

function addImportable(report) {
  const declared = /^export (?:declare |abstract )*(?:class|interface|type|function|const|enum) (\w+)/gm;
  for (const [, name] of readFileSync(report, 'utf8').matchAll(declared)) importable.add(name);
}

function onMessage(message) {
  message.handled = true;
  const { messageId, text, logLevel } = message;
  const forgotten = messageId === 'ae-forgotten-export' && /"([^"]+)"/.exec(text)?.[1];
  if (forgotten && importable.has(forgotten)) message.logLevel = 'none';
  else if (/^(error|warning)$/.test(logLevel) && !SILENT.includes(messageId)) console.error(placed(message));
}

function placed({ messageId, text, sourceFilePath, sourceFileLine }) {
  const place = sourceFilePath ? `${relative(ROOT, sourceFilePath)}:${sourceFileLine} ` : '';
  return `${place}${text} (${messageId})`;
}

function extract(config, compilerState) {
  const result = Extractor.invoke(config, {
    compilerState,
    localBuild: update,
    printApiReportDiff: !update,
    messageCallback: onMessage,
  });
  if (config === main) addImportable(config.reportTempFilePath);
  if (!result.apiReportChanged) return result.errorCount === 0 && result.warningCount === 0;
  if (update) console.log(`wrote docs/api/${config.reportFilePath.split('/').pop()}`);
  else console.error(`the public API differs from ${config.reportFilePath}: see the change with \`npm run api\``);
  return update && result.errorCount === 0;
}

mkdirSync(join(ROOT, 'docs/api'), { recursive: true });
mkdirSync(join(ROOT, 'node_modules/.cache/ashlar/api'), { recursive: true });
const configs = entries.map(configOf);
const main = configs[0];
const compilerState = CompilerState.create(main, { additionalEntryPoints: entries.map(({ types }) => types) });
let ok = true;
for (const config of configs) {
  ok = extract(config, compilerState) && ok;
}
process.exitCode = ok ? 0 : 1;
