import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Engines } from './engines';
import { clusterError } from './problems';

/** Minors that an API server can go back (Kubernetes 1.36, `--emulated-version`). */
const EMULATED_MINORS = 3;

/**
 * The version to emulate; undefined where the executables are of that version.
 * @throws AshlarError `version-not-available`
 */
export async function emulationOf(engines: Engines, wanted: string | undefined): Promise<string | undefined> {
  if (wanted === undefined) return undefined;
  const { stdout } = await promisify(execFile)(engines.fileOf('kube-apiserver'), ['--version']);
  const own = Number(/v1\.(\d+)/.exec(stdout)?.[1] ?? Number.NaN);
  const minor = Number(/^1\.(\d+)(\.\d+)?$/.exec(wanted)?.[1] ?? Number.NaN);
  if (minor === own) return undefined;
  if (minor < own && minor >= own - EMULATED_MINORS) return `1.${minor}`;
  throw clusterError({
    code: 'version-not-available',
    message: 'The executables cannot behave like this version.',
    got: wanted,
    allowed: `1.${own - EMULATED_MINORS} to 1.${own}`,
    fix: 'Choose one of these, or let KUBEBUILDER_ASSETS name executables of the version.',
  });
}
