import type { Size } from 'cdk8s';
import type { MountFacts, VolumePart } from './derive/pod';
import { SIZE, kindOf, membersOf, problemsOfKind, problemsOfNeeded, problemsOfOptions, quantityOf } from './kinds';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { hasMembers, saysNothing, type Kind } from './model/kind';
import type { Checked } from './values';

/** A `Volume` of cdk8s-plus-27, by shape. */
export interface VolumeLike {
  /** Name of the volume in its pod, a DNS label: `cache`. */
  readonly name: string;
  /** Renders the volume as it stands in `pod.spec.volumes`. @internal */
  _toKube?(): unknown;
}

/** A directory that a service may write to, or that holds what it reads. The root file system is read-only. */
export class Directory implements Checked {
  private constructor(
    /** The volume behind it and where it is mounted. */
    readonly facts: VolumePart,
    /** What was given wrongly. */
    readonly problems: readonly Problem[] = [],
  ) {}

  /** Empty at each start of the pod, on the node's disk. */
  static temporary(path: string, options: { readonly name?: string; readonly limit?: Size } = {}): Directory {
    const { name = nameOf(path), limit } = membersOf(options);
    return Directory.#of(name, path, { emptyDir: given({ sizeLimit: quantityOf(limit) }) }).#telling([
      ...problemsOfKind('directories.limit', limit, SIZE),
      ...problemsOfOptions('directories', options, { name: true, limit: true }, '{ limit: Size.mebibytes(64) }'),
    ]);
  }

  /** Empty at each start of the pod, in memory, which counts towards the memory limit. */
  static inMemory(path: string, limit: Size, options: { readonly name?: string } = {}): Directory {
    const { name = nameOf(path) } = membersOf(options);
    return Directory.#of(name, path, {
      emptyDir: { medium: 'Memory', ...given({ sizeLimit: quantityOf(limit) }) },
    }).#telling([
      ...problemsOfNeeded('directories.limit', limit, SIZE),
      ...problemsOfOptions('directories', options, { name: true }, "{ name: 'cache' }"),
    ]);
  }

  /** A volume of cdk8s-plus-27, or one written as in `pod.spec.volumes`. */
  static of(
    path: string,
    volume: VolumeLike | { readonly name: string },
    options: { readonly readOnly?: boolean } = {},
  ): Directory {
    const wrong = problemsOfNeeded('directories', volume, VOLUME);
    const { readOnly } = membersOf(options);
    const { name, ...source } = wrong.length === 0 ? plainVolume(volume) : { name: nameOf(path), emptyDir: {} };
    return Directory.#of(name, path, source, readOnly).#telling([...wrong, ...problemsOfMount(options)]);
  }

  /** Mounts it in a sidecar or init container as well. */
  alsoIn(container: string, path: string, options: { readonly readOnly?: boolean } = {}): Directory {
    const { readOnly } = membersOf(options);
    const mount: MountFacts = { container, path, ...(readOnly === true && { readOnly }) };
    const problems = [...this.problems, ...problemsOfMount(options)];
    return new Directory({ ...this.facts, mounts: [...this.facts.mounts, mount] }, problems);
  }

  #telling(problems: readonly Problem[]): Directory {
    return new Directory(this.facts, problems);
  }

  static #of(name: string, path: string, source: object, readOnly?: boolean): Directory {
    return new Directory({ name, source, mounts: [{ path, ...(readOnly === true && { readOnly }) }] });
  }
}

function problemsOfMount(options: unknown): readonly Problem[] {
  return problemsOfOptions('directories', options, { readOnly: true }, '{ readOnly: true }');
}

/** Those, of whichever copy of the kit. */
export const DIRECTORY = kindOf(Directory, "Directory.temporary('/tmp')");

const VOLUME: Kind<VolumeLike> = {
  wanted: 'a volume with a name',
  example: "{ name: 'uploads', persistentVolumeClaim: { claimName: 'uploads' } }",
  is: (value): value is VolumeLike => hasMembers(value) && !saysNothing(value['name']),
};

function plainVolume(volume: VolumeLike | { readonly name: string }): { readonly name: string } {
  const rendered = '_toKube' in volume ? volume._toKube?.() : volume;
  return JSON.parse(JSON.stringify(rendered)) as { readonly name: string };
}

/** `/var/cache/app` becomes `var-cache-app`. */
function nameOf(path: string): string {
  return (
    path
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'data'
  );
}
