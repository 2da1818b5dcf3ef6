import type { ReloadFacts } from './derive/config/facts';
import type { Problem } from './model/finding';
import { printed, type Checked } from './values';

/**
 * How a process is told that its files have changed, so that it reads them again and need not be restarted. A native
 * sidecar looks at the files and tells it.
 */
export class Reload implements Checked {
  private constructor(
    /** How, as facts. */
    readonly facts: ReloadFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /**
   * By a POST from within the pod.
   * @param port - name of a port of the reader; path - such as `/-/reload`
   */
  static post({ port, path }: { readonly port: string; readonly path: string }): Reload {
    const right = typeof path === 'string' && /^\/[^\s"'`$\\]*$/.test(path);
    return new Reload({ post: { port, path } }, right ? [] : [badPath(path)]);
  }

  /**
   * By the signal SIGHUP, to the first process that runs an executable; those that it started decide for themselves. For
   * that, the containers of the pod see each other's processes, and so their variables and files.
   * @param executable - name of the file that runs, without its path: `nginx`; of a script it is the interpreter's: `node`
   */
  static hangUp({ executable }: { readonly executable: string }): Reload {
    const right = typeof executable === 'string' && /^[\w.-]+$/.test(executable);
    return new Reload({ hangUp: { executable } }, right ? [] : [badExecutable(executable)]);
  }
}

function badPath(path: unknown): Problem {
  return {
    code: 'bad-path',
    message: 'The path at which a process is told to reload is none.',
    field: 'change.path',
    got: printed(path),
    allowed: 'a path such as /-/reload',
    fix: 'Start it with a slash, without spaces and quotes.',
  };
}

function badExecutable(executable: unknown): Problem {
  return {
    code: 'bad-executable',
    message: 'The name of the process that is to get a signal is none.',
    field: 'change.executable',
    got: printed(executable),
    allowed: 'letters, digits, _, - and .',
    fix: 'Give the name of the file that runs, without its path.',
  };
}
