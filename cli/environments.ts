import { listEnvironments } from '../charts/environment-file';
import { loadEnvironment } from '../charts/load-environment';
import { AshlarError, isAshlarError } from '../constructs/model/error';
import type { Environment } from '../constructs/model/environment';
import type { Finding } from '../constructs/model/finding';
import { findingLine } from '../constructs/model/finding-text';
import type { LoadedProgram } from './load-program';

/**
 * The environments that a command works on: those named, or all. Problems of all of their files are told at once.
 * @throws AshlarError `no-environments`, `unknown-environment`, `malformed-environment`, `bad-environment`
 */
export function chosenEnvironments(program: LoadedProgram, named: readonly string[]): readonly Environment[] {
  const names = named.length > 0 ? [...new Set(named)] : listEnvironments(program.environments);
  if (names.length === 0) {
    throw new AshlarError({
      code: 'no-environments',
      path: program.environments,
      message: 'The program has no environments.',
      got: 'no YAML file in environments/',
      allowed: 'one file an environment, beside the program',
      fix: 'Create environments/dev.yaml with the line "tier: development".',
    });
  }
  const findings: Finding[] = [];
  const environments = names.flatMap((name) => {
    try {
      return [loadEnvironment(program.definition, program.environments, name)];
    } catch (error) {
      if (!isAshlarError(error)) throw error;
      findings.push(...error.findings);
      return [];
    }
  });
  // A layer that several environments stand on tells the same to each of them.
  const distinct = new Map(findings.map((finding) => [findingLine(finding), finding]));
  if (distinct.size > 0) throw new AshlarError(...distinct.values());
  return environments;
}

/** The one environment that a command works on. */
export function oneEnvironment(program: LoadedProgram, named: readonly string[]): Environment {
  const environments = chosenEnvironments(program, named);
  const [only] = environments;
  if (environments.length === 1 && only !== undefined) return only;
  throw new AshlarError({
    code: 'which-environment',
    path: program.file,
    message: 'This needs one environment.',
    got: environments.map(({ name }) => name).join(', '),
    allowed: 'one of them',
    fix: `Add --env ${environments.at(-1)?.name ?? 'dev'}.`,
  });
}
