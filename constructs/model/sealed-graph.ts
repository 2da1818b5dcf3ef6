import { hash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import type { BackEnds, Need } from './back-end';
import type { Capability } from './capability';
import { indexEdges, type EdgeIndex } from './edge-index';
import type { Environment } from './environment';
import { filledJson, tokenOf, tokensIn } from './deferred';
import { AshlarError } from './error';
import type { ContributePiece, Piece } from './extension';
import type { Facet, Joined } from './facet';
import { FacetIndex } from './facet-index';
import type { Finding } from './finding';
import type { Graph, Having, View, ViewOf } from './graph';
import { byKey } from './order';
import type { Recorder } from './recorder';
import type { Edge, Relation } from './relation';
import { SettingResolver, type Decided, type Setting, type Trace } from './setting';

const NONE: readonly never[] = [];

/** The graph behind the interface: indices made once, views and facets made when first asked for. */
export class SealedGraph implements Graph {
  readonly platform: string;
  readonly #edges: ReadonlyMap<string, EdgeIndex>;
  readonly #having = new Map<string, readonly Having<unknown>[]>();
  readonly #facets = new Map<string, FacetIndex<object>>();
  readonly #views = new Map<string, Memo<unknown>>();
  readonly #viewsOf = new Map<string, Map<object, Memo<unknown>>>();
  readonly #settings: SettingResolver;
  readonly #computing: Computing[] = [];
  #traces: Trace[] | undefined;

  constructor(
    readonly root: IConstruct,
    readonly environment: Environment,
    private readonly recorder: Recorder,
    private readonly pieces: readonly Piece[],
    private readonly backEnds: BackEnds,
    private readonly report: (finding: Finding) => void,
  ) {
    this.platform = root.node.id;
    this.#edges = indexEdges(recorder.edges, report);
    this.#settings = new SettingResolver(environment);
  }

  /** Notes each setting that is read until the list is taken; used by `explain` only. */
  startTracing(): void {
    this.#traces = [];
  }

  /** The settings that were read since this was last asked. */
  takeTraces(): readonly Trace[] {
    const traces = this.#traces;
    if (traces === undefined) return NONE;
    this.#traces = [];
    return traces;
  }

  having<F>(capability: Capability<F>): readonly Having<F>[] {
    let list = this.#having.get(capability.id);
    if (list === undefined) {
      list = [...(this.recorder.facts.get(capability.id) ?? [])]
        .map(([construct, facts]) => ({ construct, facts: facts as object }))
        .sort(byKey((item) => item.construct.node.path));
      this.#having.set(capability.id, list);
    }
    return list as readonly Having<F>[];
  }

  leftOut<F>(capability: Capability<F>): readonly Having<F>[] {
    const left = this.recorder.leftOut.get(capability.id) ?? [];
    return [...left].map(([construct, facts]) => ({ construct, facts: facts as Readonly<F> }));
  }

  facts<F>(construct: IConstruct, capability: Capability<F>): Readonly<F> | undefined {
    return this.recorder.facts.get(capability.id)?.get(construct) as Readonly<F> | undefined;
  }

  all<A extends IConstruct, B extends IConstruct, F>(kind: Relation<A, B, F>): readonly Edge<A, B, F>[] {
    return (this.#edges.get(kind.id)?.all ?? []) as unknown as readonly Edge<A, B, F>[];
  }

  from<A extends IConstruct, B extends IConstruct, F>(
    end: IConstruct,
    kind: Relation<A, B, F>,
  ): readonly Edge<A, B, F>[] {
    return (this.#edges.get(kind.id)?.from(end) ?? []) as unknown as readonly Edge<A, B, F>[];
  }

  to<A extends IConstruct, B extends IConstruct, F>(
    end: IConstruct,
    kind: Relation<A, B, F>,
  ): readonly Edge<A, B, F>[] {
    return (this.#edges.get(kind.id)?.to(end) ?? []) as unknown as readonly Edge<A, B, F>[];
  }

  view<T>(view: View<T>): T {
    let memo = this.#views.get(view.id);
    if (memo === undefined) this.#views.set(view.id, (memo = this.#memo(view, () => view.compute(this))));
    return this.#recall(memo) as T;
  }

  viewOf<S extends object, T>(view: ViewOf<S, T>, subject: S): T {
    let memos = this.#viewsOf.get(view.id);
    if (memos === undefined) this.#viewsOf.set(view.id, (memos = new Map<object, Memo<unknown>>()));
    let memo = memos.get(subject);
    if (memo === undefined) {
      memos.set(subject, (memo = this.#memo({ id: view.id, subject }, () => view.compute(this, subject))));
    }
    return this.#recall(memo) as T;
  }

  collect<T extends object>(facet: Facet<T>, end: IConstruct): readonly Joined<T>[] {
    return this.#indexOf(facet).at(end);
  }

  receivers<T extends object>(facet: Facet<T>): readonly IConstruct[] {
    return this.#indexOf(facet).receivers();
  }

  #indexOf<T extends object>(facet: Facet<T>): FacetIndex<T> {
    let index = this.#facets.get(facet.id);
    if (index === undefined) {
      const pieces = this.pieces.filter(
        (piece): piece is ContributePiece => piece.piece === 'contribute' && piece.facet === facet.id,
      );
      index = this.#guard(
        { id: `facet ${facet.id}` },
        () => new FacetIndex<object>(facet as unknown as Facet<object>, pieces, this, this.report),
      );
      this.#facets.set(facet.id, index);
    }
    return index as unknown as FacetIndex<T>;
  }

  setting<T>(setting: Setting<T>, at: IConstruct, said?: T): T {
    return this.decided(setting, at, said).value;
  }

  decided<T>(setting: Setting<T>, at: IConstruct, said?: T): Decided<T> {
    const decided = this.#settings.decide(setting, at, said);
    if (this.#traces === undefined) return decided;
    this.#traces.push({
      setting: setting.id,
      construct: at.node.path,
      value: setting.print(decided.value),
      from: decided.from,
    });
    return decided;
  }

  backEnd<B>(need: Need<B>): B {
    return this.backEnds.of(need);
  }

  isSecret(text: string): boolean {
    const { secrets } = this.recorder;
    return secrets.size > 0 && tokensIn(text).some((token) => secrets.has(token));
  }

  json(at: IConstruct, field: string, data: unknown): string {
    const json = JSON.stringify(data);
    const token = this.#computed(at, field, json, (filled) => filled);
    return this.#secretToo(token, json) ?? json;
  }

  text<T>(at: IConstruct, field: string, data: T, make: (data: T) => string): string {
    const json = JSON.stringify(data);
    const token = this.#computed(at, field, json, (filled) => make(JSON.parse(filled) as T));
    return this.#secretToo(token, json) ?? make(data);
  }

  checksum(at: IConstruct, field: string, data: unknown): string {
    const json = JSON.stringify(data);
    return this.#computed(at, field, json, checksumOf) ?? checksumOf(json);
  }

  /** What follows from a secret is one. */
  #secretToo(token: string | undefined, json: string): string | undefined {
    if (token !== undefined && this.isSecret(json)) this.recorder.secrets.add(token);
    return token;
  }

  /** The token of what follows from values that are known later; undefined where the data holds none. */
  #computed(at: IConstruct, field: string, json: string, make: (json: string) => string): string | undefined {
    const all = tokensIn(json);
    if (all.length === 0) return undefined;
    const { path } = at.node;
    const token = tokenOf(path, field);
    const tokens = [...new Set(all)];
    const from = (valueOf: (token: string) => unknown): string => make(filledJson(JSON.parse(json), valueOf));
    this.recorder.holes.set(token, { token, path, field, value: undefined, computed: { tokens, from } });
    return token;
  }

  #memo<T>(what: Computing, compute: () => T): Memo<T> {
    const outer = this.#traces;
    if (outer === undefined) return { value: this.#guard(what, compute), traces: NONE };
    this.#traces = [];
    try {
      const value = this.#guard(what, compute);
      return { value, traces: this.#traces };
    } finally {
      this.#traces = outer;
    }
  }

  #recall<T>(memo: Memo<T>): T {
    this.#traces?.push(...memo.traces);
    return memo.value;
  }

  #guard<T>(what: Computing, compute: () => T): T {
    for (let start = 0; start < this.#computing.length; start += 1) {
      if (isSame(this.#computing[start], what)) throw cycle(this.platform, [...this.#computing.slice(start), what]);
    }
    this.#computing.push(what);
    try {
      return compute();
    } finally {
      this.#computing.pop();
    }
  }
}

/** A view that is being computed: its id, and its subject where it has one. */
interface Computing {
  readonly id: string;
  readonly subject?: object;
}

function isSame(one: Computing | undefined, other: Computing): boolean {
  return one?.id === other.id && one.subject === other.subject;
}

function cycle(platform: string, views: readonly Computing[]): AshlarError {
  return new AshlarError({
    code: 'cycle-of-views',
    path: platform,
    message: 'A view of the graph needs itself.',
    got: views.map(nameOf).join(' → '),
    allowed: 'views that end',
    fix: 'Split the view, so that what both sides need stands in one that neither of them reads from.',
  });
}

function nameOf({ id, subject }: Computing): string {
  return subject === undefined ? id : `${id} of ${(subject as Partial<IConstruct>).node?.path ?? 'a subject'}`;
}

/** Characters of a checksum: 40 bits, enough to tell a handful of revisions apart. */
const CHECKSUM_LENGTH = 10;

function checksumOf(text: string): string {
  return hash('sha256', text).slice(0, CHECKSUM_LENGTH);
}

interface Memo<T> {
  readonly value: T;
  readonly traces: readonly Trace[];
}
