import type { Size } from 'cdk8s';
import type { MountFacts, VolumePart } from './derive/pod';
import { SIZE, kindOf, problemsOfKind, problemsOfNeeded, quantityOf } from './kinds';
import type { Problem } from './model/finding';
import { given } from './model/given';
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
    const sizeLimit = quantityOf(options.limit);
    return Directory.#of(options.name ?? nameOf(path), path, {
      emptyDir: given({ sizeLimit }),
    }).#telling(problemsOfKind('directories.limit', options.limit, SIZE));
  }

  /** Empty at each start of the pod, in memory, which counts towards the memory limit. */
  static inMemory(path: string, limit: Size, options: { readonly name?: string } = {}): Directory {
    return Directory.#of(options.name ?? nameOf(path), path, {
      emptyDir: { medium: 'Memory', ...given({ sizeLimit: quantityOf(limit) }) },
    }).#telling(problemsOfNeeded('directories.limit', limit, SIZE));
  }

  /** A volume of cdk8s-plus-27, or one written as in `pod.spec.volumes`. */
  static of(
    path: string,
    volume: VolumeLike | { readonly name: string },
    options: { readonly readOnly?: boolean } = {},
  ): Directory {
    const rendered = '_toKube' in volume ? (volume._toKube?.() as { name: string }) : volume;
    const { name, ...source } = JSON.parse(JSON.stringify(rendered)) as { readonly name: string };
    return Directory.#of(name, path, source, options.readOnly);
  }

  /** Mounts it in a sidecar or init container as well. */
  alsoIn(container: string, path: string, options: { readonly readOnly?: boolean } = {}): Directory {
    const mount: MountFacts = { container, path, ...(options.readOnly === true && { readOnly: true }) };
    return new Directory({ ...this.facts, mounts: [...this.facts.mounts, mount] }, this.problems);
  }

  #telling(problems: readonly Problem[]): Directory {
    return new Directory(this.facts, problems);
  }

  static #of(name: string, path: string, source: object, readOnly?: boolean): Directory {
    return new Directory({ name, source, mounts: [{ path, ...(readOnly === true && { readOnly }) }] });
  }
}

/** Those, of whichever copy of the kit. */
export const DIRECTORY = kindOf(Directory, "Directory.temporary('/tmp')");

/** `/var/cache/app` becomes `var-cache-app`. */
function nameOf(path: string): string {
  return (
    path
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'data'
  );
}
