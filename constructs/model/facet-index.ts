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

/** What a construct was given: parts as they came, or, once somebody asked, joined. */
interface Given<T extends object> {
  parts: Part<T>[];
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
    for (const piece of pieces) {
      for (const part of piece.run(graph) as Iterable<Part<T>>) {
        const given = this.#given.get(part.to);
        if (given === undefined) this.#given.set(part.to, { parts: [part], joined: undefined });
        else given.parts.push(part);
      }
    }
  }

  /** The joined parts of a construct, in the order of their keys. */
  at(construct: IConstruct): readonly Joined<T>[] {
    const given = this.#given.get(construct);
    if (given === undefined) return NONE;
    if (given.joined === undefined) {
      given.joined = this.#joinAll(construct, given.parts);
      given.parts = [];
    }
    return given.joined;
  }

  /** Who was given parts, in the order of paths. */
  receivers(): readonly IConstruct[] {
    return [...this.#given.keys()].sort(byKey(({ node }) => node.path));
  }

  /** Nearly all keys have one part, which is taken as it is; only where keys meet is there something to join. */
  #joinAll(to: IConstruct, parts: readonly Part<T>[]): readonly Joined<T>[] {
    const single = parts.map(({ part, source }) => ({ key: this.facet.key(part), value: part, sources: [source] }));
    single.sort(byJoinedKey);
    if (!single.some((one, index) => one.key === single[index + 1]?.key)) return single;
    const joined: Joined<T>[] = [];
    for (let start = 0, end = 0; start < single.length; start = end) {
      const { key } = single[start] as Joined<T>;
      while (single[end]?.key === key) end += 1;
      joined.push(this.#join(to, key, single.slice(start, end)));
    }
    return joined;
  }

  #join(to: IConstruct, key: string, single: readonly Joined<T>[]): Joined<T> {
    const [only, ...others] = single;
    if (only !== undefined && others.length === 0) return only;
    const said = single.map(({ value, sources }) => ({ part: value as Said['part'], source: sources[0] as Source }));
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

function byJoinedKey(a: Joined<object>, b: Joined<object>): number {
  return byText(a.key, b.key);
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
