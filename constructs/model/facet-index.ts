import { isDeepStrictEqual } from 'node:util';
import type { IConstruct } from 'constructs';
import type { ContributePiece } from './extension';
import type { Facet, Joined, Part } from './facet';
import type { Finding } from './finding';
import type { Graph } from './graph';
import { byText } from './order';
import type { Source } from './source';

const NONE: readonly never[] = [];

interface Entry {
  readonly key: string;
  value: Record<string, unknown>;
  readonly sources: Source[];
  /** Who wrote a field; only kept once a second part arrives. */
  writers?: Map<string, Source>;
}

/** All parts of one facet, by construct and key. */
export class FacetIndex<T extends object> {
  readonly #byConstruct = new Map<IConstruct, Map<string, Entry>>();
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
    const known = this.#lists.get(construct);
    if (known !== undefined) return known;
    const entries = this.#byConstruct.get(construct);
    const list =
      entries === undefined
        ? NONE
        : ([...entries.values()].sort((a, b) => byText(a.key, b.key)) as unknown as readonly Joined<T>[]);
    this.#lists.set(construct, list);
    return list;
  }

  #add({ to, part, source }: Part<T>): void {
    const key = this.facet.key(part);
    let entries = this.#byConstruct.get(to);
    if (entries === undefined) this.#byConstruct.set(to, (entries = new Map<string, Entry>()));
    const entry = entries.get(key);
    if (entry === undefined) entries.set(key, { key, value: part as Record<string, unknown>, sources: [source] });
    else this.#join(to, entry, part as Record<string, unknown>, source);
  }

  #join(to: IConstruct, entry: Entry, part: Record<string, unknown>, source: Source): void {
    const first = entry.sources[0] as Source;
    entry.writers ??= new Map(Object.keys(entry.value).map((field) => [field, first]));
    entry.sources.push(source);
    for (const [field, value] of Object.entries(part)) {
      const writer = entry.writers.get(field);
      if (writer === undefined) {
        entry.value = { ...entry.value, [field]: value };
        entry.writers.set(field, source);
      } else if (!isDeepStrictEqual(entry.value[field], value)) {
        this.report(conflict(this.facet.id, to, entry, field, value, writer, source));
      }
    }
  }
}

function conflict(
  facet: string,
  to: IConstruct,
  entry: Entry,
  field: string,
  value: unknown,
  first: Source,
  second: Source,
): Finding {
  // The two writers are told in the order of their names, so that the order of statements cannot show.
  const said = [
    `${first.by} at ${first.at} says ${JSON.stringify(entry.value[field])}`,
    `${second.by} at ${second.at} says ${JSON.stringify(value)}`,
  ].sort(byText);
  return {
    code: 'two-writers',
    severity: 'error',
    path: to.node.path,
    field: `${facet}: ${entry.key}.${field}`,
    message: `Two writers disagree on ${field} of ${facet} ${entry.key}.`,
    got: said.join('; '),
    allowed: 'one value',
    fix: 'Remove one of the two, or give it another name.',
  };
}
