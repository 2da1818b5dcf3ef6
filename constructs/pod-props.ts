import type { IConstruct } from 'constructs';
import { besideParts, containerFacts, envParts, type ContainerProps } from './container';
import type { MountFacts } from './derive/pod';
import { selectorOf } from './derive/pod-template';
import type { WorkloadFacts } from './derive/workload';
import { DIRECTORY, type Directory } from './directory';
import { LIST, problemsOfKind, problemsOfNeededValue, soundOf } from './kinds';
import type { Problem } from './model/finding';
import { given } from './model/given';
import type { Kind } from './model/kind';
import { report } from './model/recorder';
import { namespaceOf } from './namespace';
import { problemsOfUser } from './values';

/** What every pod is told, whatever it does. */
export interface PodProps {
  /** Directories that it writes to or reads from; the rest of its file system is read-only. @defaultValue none */
  readonly directories?: readonly Directory[];
  /** Containers that start before it and end after it (native sidecars), by name. @defaultValue none */
  readonly sidecars?: Readonly<Record<string, ContainerProps>>;
  /** Containers that end before it starts, by name. @defaultValue none */
  readonly initContainers?: Readonly<Record<string, ContainerProps>>;
  /** User that it runs as; not 0. @defaultValue by the setting `user`: 1000 */
  readonly user?: number;
}

/** The props that are common to services and tasks. */
export const POD_PROPS = {
  image: true,
  command: true,
  args: true,
  env: true,
  resources: true,
  directories: true,
  sidecars: true,
  initContainers: true,
  user: true,
} as const;

/** What `podFacts` finds in props. */
type PodFacts = Omit<WorkloadFacts, 'strategy'>;

/** The facts of a pod whose main container is called as its construct; what is wrong is reported there. */
export function podFacts(at: IConstruct, props: ContainerProps & PodProps): PodFacts {
  const { id: name } = at.node;
  const directories = (soundOf(props.directories, DIRECTORIES) ?? []).filter(DIRECTORY.is);
  const problems = [
    ...problemsOfUser(props.user),
    ...problemsOfDirectories(props.directories),
    ...problemsOfMounts({ ...props, directories }),
  ];
  for (const problem of problems) report(at, problem);
  return {
    name,
    namespace: namespaceOf(at),
    selector: selectorOf(name),
    container: containerFacts(at, name, props),
    ...given({ user: props.user }),
    mountsToken: false,
    env: envParts(at, props.env),
    volumes: directories.map(({ facts }) => facts),
    beside: [...besideParts(at, 'sidecar', props.sidecars), ...besideParts(at, 'init', props.initContainers)],
    claims: [],
  };
}

const DIRECTORIES = { ...LIST, example: `[${DIRECTORY.example}]` } as Kind<readonly unknown[]>;

function problemsOfDirectories(directories: readonly unknown[] | undefined): readonly Problem[] {
  const each = soundOf(directories, DIRECTORIES) ?? [];
  return [
    ...problemsOfKind('directories', directories, DIRECTORIES),
    ...each.flatMap((directory, index) => problemsOfNeededValue(`directories/${index}`, directory, DIRECTORY)),
  ];
}

/** A directory is mounted somewhere, and shared with containers that are there. */
function problemsOfMounts({ directories = [], sidecars = {}, initContainers = {} }: PodProps): readonly Problem[] {
  const known = Object.keys({ ...sidecars, ...initContainers });
  const mounts = directories.flatMap(({ facts }) => facts.mounts);
  return [...problemsOfPaths(mounts), ...problemsOfContainers(mounts, known)];
}

function problemsOfPaths(mounts: readonly MountFacts[]): readonly Problem[] {
  return mounts
    .filter(({ path }) => !path.startsWith('/'))
    .map(({ path }) => ({
      code: 'relative-path',
      message: 'A directory is mounted at a path that is not absolute.',
      field: 'directories',
      got: path,
      allowed: 'a path such as /var/cache',
      fix: 'Start it with a slash.',
    }));
}

function problemsOfContainers(mounts: readonly MountFacts[], known: readonly string[]): readonly Problem[] {
  return mounts
    .flatMap(({ container }) => container ?? [])
    .filter((container) => !known.includes(container))
    .map((container) => ({
      code: 'unknown-container',
      message: `A directory is shared with the container ${container}, which is not there.`,
      field: 'directories',
      got: container,
      allowed: known.join(', ') || 'nothing: it has no sidecars and no init containers',
      fix: 'Correct the name, or add the container.',
    }));
}
