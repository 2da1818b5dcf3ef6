import { generateSecrets, generatedAmong } from '../../charts/generate-secrets';
import { makePlan } from '../../charts/synthesize';
import { documentsToYaml } from '../../constructs/model/yaml';
import { isError } from '../../constructs/model/finding';
import { AshlarError } from '../../constructs/model/error';
import type { Plan } from '../../constructs/model/plan';
import type { SecretPrerequisite, SecretValue } from '../../constructs/model/prerequisite';
import { oneEnvironment } from '../environments';
import { loadProgram } from '../load-program';
import { printFinding } from '../print-findings';
import { say, styled, table, tell } from '../terminal';

/** What `ashlar secrets` is told. */
export interface SecretsOptions {
  readonly env: readonly string[];
  readonly only: readonly string[];
}

/** What this command is there to mend stands in nobody's way. */
const MENDED_HERE = 'sealed-secret-missing';

/**
 * Writes Secrets with random values to standard output, for `kubectl create -f -`; nothing goes to a disk, and nothing to a
 * terminal. What somebody knows is not made but told. Exit code 1 where findings stand in the way.
 */
export function secrets(programFile: string, { env, only }: SecretsOptions): number {
  const program = loadProgram(programFile);
  const environment = oneEnvironment(program, env);
  const plan = makePlan(program.definition, environment);
  const wrong = plan.findings.filter((finding) => isError(finding) && finding.code !== MENDED_HERE);
  for (const finding of wrong) tell(`${printFinding(finding, process.stderr)}\n`);
  if (wrong.length > 0) return 1;
  const { made, told } = chosen(plan, only);
  if (process.stdout.isTTY) list(made, environment.name);
  else stream(made, environment.name);
  for (const secret of told) tellHow(secret);
  return 0;
}

interface Chosen {
  readonly made: readonly SecretPrerequisite[];
  /** Those that people make. */
  readonly told: readonly SecretPrerequisite[];
}

function chosen({ prerequisites, environment }: Plan, only: readonly string[]): Chosen {
  const all = prerequisites.flatMap((one) => (one.type === 'secret' ? [one] : []));
  const unknown = only.filter((wanted) => !all.some((secret) => isCalled(secret, wanted)));
  if (unknown.length > 0) throw unknownSecrets(unknown, all, environment.name);
  const isChosen = (secret: SecretPrerequisite): boolean =>
    only.length === 0 || only.some((wanted) => isCalled(secret, wanted));
  const generated = generatedAmong(prerequisites);
  const made = generated.filter(isChosen);
  const split = made.flatMap((secret) =>
    generated.filter((other) => !made.includes(other) && shareValue(secret, other)),
  );
  if (split.length > 0) throw sharedValue(split);
  return { made, told: all.filter((secret) => isChosen(secret) && !secret.generated) };
}

function isCalled({ namespace, name }: SecretPrerequisite, wanted: string): boolean {
  return wanted === name || wanted === `${namespace}/${name}`;
}

function nameOf({ namespace, name }: SecretPrerequisite): string {
  return `${namespace}/${name}`;
}

function idsIn({ keys }: SecretPrerequisite): readonly string[] {
  return Object.values(keys).flatMap((value) => ('random' in value ? [value.random.id] : []));
}

function shareValue(one: SecretPrerequisite, other: SecretPrerequisite): boolean {
  const ids = idsIn(other);
  return idsIn(one).some((id) => ids.includes(id));
}

/** On a terminal: names, never values, which would stay in its scrollback. */
function list(made: readonly SecretPrerequisite[], environment: string): void {
  if (made.length === 0) return nothing(environment);
  say(
    table([
      ['Secret', 'type', 'keys'],
      ...made.map((one) => [nameOf(one), one.kind, Object.keys(one.keys).join(', ')]),
    ]),
  );
  say();
  say(
    `Values are not shown on a terminal. Make them: ${styled('cyan', `ashlar secrets --env ${environment} | kubectl create -f -`)}`,
  );
}

function stream(made: readonly SecretPrerequisite[], environment: string): void {
  if (made.length === 0) return nothing(environment);
  process.stdout.write(documentsToYaml(generateSecrets(made)));
  tell(`Secrets for ${environment}: ${made.map(nameOf).join(', ')}`);
  tell('kubectl create leaves those that are there as they are, makes the others, and then exits with 1.');
}

function nothing(environment: string): void {
  tell(`There is no Secret to make for ${environment}.`);
}

/** What people need to make a Secret themselves, without its values in a file or in the shell's history. */
function tellHow({ namespace, name, kind, keys }: SecretPrerequisite): void {
  const width = Math.max(...Object.keys(keys).map((key) => key.length));
  tell(`\n${styled('bold', `${namespace}/${name}`, process.stderr)} is made by whoever knows its values:`);
  for (const [key, value] of Object.entries(keys)) tell(`  ${key.padEnd(width)}  ${originOf(value)}`);
  if (kind === 'kubernetes.io/tls') {
    tell('Both are texts of many lines (PEM), which are read from files:');
    tell(`  kubectl create secret tls ${name} --namespace ${namespace} --cert tls.crt --key tls.key`);
    return;
  }
  tell('Type a line KEY=VALUE for each, then Ctrl-D:');
  tell(`  kubectl create secret generic ${name} --namespace ${namespace} --type ${kind} --from-env-file=/dev/stdin`);
}

function originOf(value: SecretValue): string {
  if ('text' in value) return value.text;
  if ('known' in value) return `known as ${value.known}`;
  const { length } = value.random;
  return `random, ${length} letters or digits: openssl rand -hex ${Math.ceil(length / 2)}`;
}

function unknownSecrets(
  unknown: readonly string[],
  all: readonly SecretPrerequisite[],
  environment: string,
): AshlarError {
  return new AshlarError({
    code: 'unknown-secret',
    path: `environment ${environment}`,
    message: 'Nobody has to make such a Secret.',
    field: '--only',
    got: unknown.join(', '),
    allowed: all.map(nameOf).join(', ') || 'none: the back end of the environment makes all',
    fix: 'List all with: ashlar prerequisites',
  });
}

function sharedValue(split: readonly SecretPrerequisite[]): AshlarError {
  return new AshlarError({
    code: 'shared-value',
    path: 'ashlar secrets',
    message: 'Another Secret holds one of these values, too, and would get a different one.',
    field: '--only',
    got: split.map(nameOf).join(', '),
    allowed: 'all Secrets of one value in one run',
    fix: `Add ${split.map((one) => `--only ${nameOf(one)}`).join(' ')}. Where it is there already, raise credentialGeneration instead.`,
  });
}
