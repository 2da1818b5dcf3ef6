import { isDeepStrictEqual } from 'node:util';
import type { IConstruct } from 'constructs';
import type { ContributePiece } from './extension';
import type { Facet, Joined, Part } from './facet';
import type { Finding } from './finding';
import type { Graph } from './graph';
import { byKey, byText } from './order';
import { HIDDEN, saysSecret } from './secrecy';
import type { Source } from './source';

const NONE: readonly never[] = [];

interface Said {
  readonly part: Readonly<Record<string, unknown>>;
  readonly source: Source;
}

/** All parts of one facet, by construct and key. */
export class FacetIndex<T extends object> {
  readonly #byConstruct = new Map<IConstruct, Map<string, Said[]>>();
  readonly #lists = new Map<IConstruct, readonly Joined<T>[]>();

  constructor(
    private readonly facet: Facet<T>,
    pieces: readonly ContributePiece[],
    graph: Graph,
    private readonly report: (finding: Finding) => void,
  ) {
    for (const piece of pieces) {
      for (const part of piece.run(graph)) this.#add(part as Part<T>);
    }
  }

  /** The joined parts of a construct, in the order of their keys. */
  at(construct: IConstruct): readonly Joined<T>[] {
    let list = this.#lists.get(construct);
    if (list === undefined) {
      const entries = this.#byConstruct.get(construct);
      list =
        entries === undefined
          ? NONE
          : [...entries].map(([key, said]) => this.#join(construct, key, said)).sort(byKey(({ key }) => key));
      this.#lists.set(construct, list);
    }
    return list;
  }

  /** Who was given parts, in the order of paths. */
  receivers(): readonly IConstruct[] {
    return [...this.#byConstruct.keys()].sort(byKey(({ node }) => node.path));
  }

  #add({ to, part, source }: Part<T>): void {
    const key = this.facet.key(part);
    let entries = this.#byConstruct.get(to);
    if (entries === undefined) this.#byConstruct.set(to, (entries = new Map<string, Said[]>()));
    const said = entries.get(key);
    if (said === undefined) entries.set(key, [{ part: part as Said['part'], source }]);
    else said.push({ part: part as Said['part'], source });
  }

  #join(to: IConstruct, key: string, said: readonly Said[]): Joined<T> {
    const [only, ...others] = said;
    if (only !== undefined && others.length === 0) return { key, value: only.part as T, sources: [only.source] };
    // By name, so that neither the order of statements nor that of contributions can show.
    const sorted = said.map((one) => ({ ...one, name: nameOf(one) })).sort(byKey(({ name }) => name));
    const rivals = (this.facet.oneOf ?? []).filter((field) => said.some(({ part }) => field in part));
    if (rivals.length > 1) this.report(conflict(this.facet.id, to, key, rivals.join(' or '), sorted));
    const value: Record<string, unknown> = {};
    for (const field of new Set(sorted.flatMap(({ part }) => Object.keys(part)))) {
      const writers = sorted.filter(({ part }) => field in part);
      value[field] = writers[0]?.part[field];
      if (writers.some(({ part }) => !isDeepStrictEqual(part[field], value[field]))) {
        this.report(conflict(this.facet.id, to, key, field, writers));
      }
    }
    return { key, value: value as T, sources: sorted.map(({ source }) => source) };
  }
}

function nameOf({ part, source }: Said): string {
  return `${source.by} ${source.at} ${JSON.stringify(part)}`;
}

function conflict(facet: string, to: IConstruct, key: string, field: string, writers: readonly Said[]): Finding {
  const print = (part: Said['part']): string => (saysSecret(key) ? HIDDEN : JSON.stringify(part[field] ?? part));
  const said = writers.map(({ part, source }) => `${source.by} at ${source.at} says ${print(part)}`);
  return {
    code: 'two-writers',
    severity: 'error',
    path: to.node.path,
    field: `${facet}: ${key}.${field}`,
    message: `Writers disagree on ${field} of ${facet} ${key}.`,
    got: said.sort(byText).join('; '),
    allowed: 'one value',
    fix: 'Remove all but one of them, or give them different names.',
  };
}
