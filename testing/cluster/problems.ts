import { AshlarError } from '../../constructs/model/error';
import type { Problem } from '../../constructs/model/finding';

/** Lines of a log that an error shows. */
const SHOWN_LINES = 15;

/** An error of the harness, with the last lines of a log where there is one. */
export function clusterError(problem: Problem & { readonly path?: string; readonly log?: string }): AshlarError {
  const { path = 'startCluster', log = '', ...told } = problem;
  const message = log.trim() === '' ? told.message : `${told.message} The last lines of its log:\n${indented(log)}`;
  return new AshlarError({ ...told, path, message });
}

/** The end of a log: enough to see why a process ended. */
export function lastLines(text: string, count = SHOWN_LINES): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
