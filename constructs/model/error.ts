import type { Finding, Problem } from './finding';
import { findingText, withoutSecretTexts } from './finding-text';

/** What went wrong in a way that leaves nothing to go on with, told like a finding: code, place, got, allowed, fix. */
export class AshlarError extends Error {
  /** Every problem that was found before giving up; at least one. */
  readonly findings: readonly Finding[];

  constructor(...problems: readonly (Problem & { readonly path: string; readonly object?: string })[]) {
    const findings = problems.map((problem): Finding => ({ ...withoutSecretTexts(problem), severity: 'error' }));
    super(findings.map((finding) => findingText(finding)).join('\n\n'));
    this.name = 'AshlarError';
    this.findings = findings;
  }

  /** Code of the first problem. */
  get code(): string {
    return this.findings[0]?.code ?? 'unknown';
  }
}

/** True for an {@link AshlarError} of any copy of the kit that is loaded in this process. */
export function isAshlarError(value: unknown): value is AshlarError {
  return value instanceof Error && value.name === 'AshlarError' && 'findings' in value;
}

/**
 * What is thrown where no construct is given and one is needed to go on.
 * @param wrong - what was wanted and what was got, as for a value
 * @param asked - the function or class that the program called: it and all that it calls are no place of the program
 */
export function withoutConstruct(wrong: Problem, asked: object): AshlarError {
  const place = new Error();
  Error.captureStackTrace(place, asked as () => unknown);
  return new AshlarError({ ...wrong, path: placeOf(place) ?? 'the program' });
}

/** The place in the user's own code that an error comes from, `file:line:column`; undefined where it has none. */
export function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/node:|node_modules|[\\/]dist[\\/]/.test(line));
  return frames[0]?.trim().replace(/^at (?:.*\()?(.*?)\)?$/, '$1');
}
