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

/** What a construct was given: as it came, and, once somebody asked, joined. */
interface Given<T extends object> {
  single: Joined<T>[];
  joined: readonly Joined<T>[] | undefined;
}

/** All parts of one facet, by construct and key. */
export class FacetIndex<T extends object> {
  readonly #given = new Map<IConstruct, Given<T>>();

  constructor(
    private readonly facet: Facet<T>,
    pieces: readonly ContributePiece[],
    graph: Graph,
    private readonly report: (finding: Finding) => void,
  ) {
    let sources: readonly Source[] = NONE;
    for (const piece of pieces) {
      for (const { to, part, source } of piece.run(graph) as Iterable<Part<T>>) {
        // What one statement gives comes in a row.
        if (sources[0] !== source) sources = [source];
        const single = { key: facet.key(part), value: part, sources };
        const given = this.#given.get(to);
        if (given === undefined) this.#given.set(to, { single: [single], joined: undefined });
        else given.single.push(single);
      }
    }
  }

  /** The joined parts of a construct, in the order of their keys. */
  at(construct: IConstruct): readonly Joined<T>[] {
    const given = this.#given.get(construct);
    if (given === undefined) return NONE;
    return (given.joined ??= this.#joinAll(construct, given.single));
  }

  /** Who was given parts, in the order of paths. */
  receivers(): readonly IConstruct[] {
    return [...this.#given.keys()].sort(byKey(({ node }) => node.path));
  }

  /** Nearly all keys have one part, which is taken as it is; only where keys meet is there something to join. */
  #joinAll(to: IConstruct, single: Joined<T>[]): readonly Joined<T>[] {
    if (!isInOrder(single)) single.sort(byJoinedKey);
    if (!single.some((one, index) => one.key === single[index + 1]?.key)) return single;
    const joined: Joined<T>[] = [];
    for (let start = 0, end = 0; start < single.length; start = end) {
      const { key } = single[start] as Joined<T>;
      while (end < single.length && single[end]?.key === key) end += 1;
      joined.push(this.#join(to, key, single.slice(start, end)));
    }
    return joined;
  }

  #join(to: IConstruct, key: string, single: readonly Joined<T>[]): Joined<T> {
    const [only, ...others] = single;
    if (only !== undefined && others.length === 0) return only;
    // In an order in which neither that of statements nor that of contributions can show.
    const said = single
      .map(({ value, sources }) => ({ part: value as Said['part'], source: sources[0] as Source }))
      .sort(byWhoAndWhere);
    const rivals = (this.facet.oneOf ?? []).filter((field) => said.some(({ part }) => field in part));
    if (rivals.length > 1) this.report(conflict(this.facet.id, to, key, rivals.join(' or '), said));
    const value: Record<string, unknown> = {};
    for (const field of new Set(said.flatMap(({ part }) => Object.keys(part)))) {
      const writers = said.filter(({ part }) => field in part);
      value[field] = writers[0]?.part[field];
      if (writers.some(({ part }) => !isDeepStrictEqual(part[field], value[field]))) {
        this.report(conflict(this.facet.id, to, key, field, writers));
      }
    }
    return { key, value: value as T, sources: said.map(({ source }) => source) };
  }
}

/** Many lists are in order by themselves: those of one pattern, those of one part. */
function isInOrder(list: readonly Joined<object>[]): boolean {
  for (let index = 1; index < list.length; index += 1) {
    if (byJoinedKey(list[index - 1] as Joined<object>, list[index] as Joined<object>) > 0) return false;
  }
  return true;
}

function byJoinedKey(a: Joined<object>, b: Joined<object>): number {
  return byText(a.key, b.key);
}

/** Reading the place of a line costs time, so only where two are called alike. */
function byWhoAndWhere(a: Said, b: Said): number {
  return (
    byText(a.source.by, b.source.by) ||
    byText(a.source.at, b.source.at) ||
    byText(JSON.stringify(a.part), JSON.stringify(b.part))
  );
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
