import type { IConstruct } from 'constructs';
import type { Capability } from './capability';
import { AshlarError, withoutConstruct } from './error';
import type { Finding, Problem } from './finding';
import { CONSTRUCT, hasMembers, saysNothing, wrongKind } from './kind';
import type { Acceptance, Hole, Patch } from './records';
import type { Edge, Relation } from './relation';
import { standsFor } from './setting';
import { calledAt, type Source } from './source';

/** Found by symbol, so that two copies of the kit in one process share one platform. */
const RECORDER = Symbol.for('ashlar.recorder');

/** All that a program says, as it says it. Kept at the root of the tree; nothing here is looked at before the seal. */
export class Recorder {
  readonly facts = new Map<string, Map<IConstruct, unknown>>();
  /** The facts of what this environment does without. */
  readonly leftOut = new Map<string, ReadonlyMap<IConstruct, unknown>>();
  readonly edges: Edge<IConstruct, IConstruct, unknown>[] = [];
  readonly findings: Finding[] = [];
  readonly acceptances: Acceptance[] = [];
  readonly patches: Patch[] = [];
  /** Tokens of values that are not known yet, with the place that put each of them in. */
  readonly holes = new Map<string, Hole>();
  /** Tokens of values that have one of their own, wherever they are used: inputs. */
  readonly ownTokens = new Map<unknown, string>();
  /** Tokens of values that nobody may read. A deployer, who alone knows, adds to it before the seal. */
  readonly secrets = new Set<string>();
  #sealed = false;

  constructor(root: IConstruct) {
    Object.defineProperty(root, RECORDER, { value: this });
  }

  /** From here on nothing can be recorded. */
  seal(): void {
    this.#sealed = true;
  }

  /**
   * Throws when the plan has been made already.
   * @param what - in words, where it comes too late: nearly nothing does, so the text is not put together before
   */
  assertOpen(path: string, what: () => string): void {
    if (!this.#sealed) return;
    throw new AshlarError({
      code: 'platform-sealed',
      path,
      message: `${what()} came after the plan was made.`,
      got: what(),
      allowed: 'everything that is said before definePlatform’s function returns',
      fix: 'Say it inside the function that is given to definePlatform, not in a callback that runs later.',
    });
  }
}

/** The recorder of the platform that a construct belongs to. */
export function recorderOf(construct: IConstruct): Recorder {
  if (!CONSTRUCT.is(construct)) throw withoutConstruct(wrongKind('What is said', construct, CONSTRUCT), recorderOf);
  const root = construct.node.root as IConstruct & { readonly [RECORDER]?: Recorder };
  const recorder = root[RECORDER];
  if (recorder !== undefined) return recorder;
  throw new AshlarError({
    code: 'outside-a-platform',
    path: construct.node.path,
    message: 'The construct stands outside a platform.',
    got: `a tree whose root is ${root.constructor.name}`,
    allowed: 'a tree that definePlatform made',
    fix: 'Create it inside the function that is given to definePlatform, below the platform or one of its contexts.',
  });
}

/** Says what a construct is. Derivations read facts, never constructs. Saying it again replaces it. */
export function declare<F>(construct: IConstruct, capability: Capability<F>, facts: Readonly<F>): void {
  const recorder = recorderOf(construct);
  recorder.assertOpen(construct.node.path, () => `the ${capability.id} facts of ${construct.node.path}`);
  let of = recorder.facts.get(capability.id);
  if (of === undefined) recorder.facts.set(capability.id, (of = new Map<IConstruct, unknown>()));
  of.set(construct, facts);
}

/**
 * Records an edge. Verbs (`orders.calls(payments)`) are one line around it. Where an end is not what the relation takes,
 * that is reported at the other (`bad-value`), and the program goes on without the edge.
 * @param frames - calls between the program and this function, so that findings can name the program's line: 2 inside a
 * verb, 1 where the program calls it by itself
 * @returns whether the edge was recorded
 */
export function relate<From extends IConstruct, To extends IConstruct, F>(
  kind: Relation<From, To, F>,
  from: From,
  to: To,
  facts: Readonly<F>,
  frames = 2,
): boolean {
  const { id, takes = CONSTRUCT } = kind;
  if (CONSTRUCT.is(from) && takes.is(to)) {
    record(kind, from, to, facts, calledAt(nameOf(kind, from, to), from.node.path, relate, frames));
    return true;
  }
  // Where the one who speaks is no construct, it is told at what is spoken of.
  const [at, wrong] = CONSTRUCT.is(from) ? [from, wrongKind(id, to, takes)] : [to, wrongKind(id, from, CONSTRUCT)];
  recorderOf(at).assertOpen(at.node.path, () => id);
  // A verb may be said twenty times of one construct, so its line is told.
  reportAt(at, wrong, calledAt(id, at.node.path, relate, frames));
  return false;
}

/** Records an edge that follows from something else, at the place of which it is told. */
export function relateBecause<From extends IConstruct, To extends IConstruct, F>(
  at: () => string,
  kind: Relation<From, To, F>,
  from: From,
  to: To,
  facts: Readonly<F>,
): void {
  const source = {
    by: nameOf(kind, from, to),
    get at() {
      return at();
    },
  };
  record(kind, from, to, facts, source);
}

/** A relation in words. */
function nameOf({ id }: { readonly id: string }, from: IConstruct, to: IConstruct): string {
  return `${standsFor(from).node.id}.${id}(${standsFor(to).node.id})`;
}

function record<From extends IConstruct, To extends IConstruct, F>(
  kind: Relation<From, To, F>,
  from: From,
  to: To,
  facts: Readonly<F>,
  source: Source,
): void {
  const recorder = recorderOf(from);
  const { by } = source;
  recorder.assertOpen(from.node.path, () => by);
  if (recorderOf(to) !== recorder) {
    throw new AshlarError({
      code: 'outside-a-platform',
      path: from.node.path,
      message: `${by} reaches into another platform.`,
      got: to.node.path,
      allowed: 'constructs of one platform',
      fix: 'Describe the peer as an ExternalService.',
    });
  }
  recorder.edges.push({ kind: kind.id, from, to, key: kind.key(facts), facts, source });
}

/** Records a problem with what was said; the program goes on, so that all problems are told at once. */
export function report(construct: IConstruct, problem: Problem): void {
  recorderOf(construct).findings.push({ severity: 'error', ...problem, path: construct.node.path });
}

/** The same, with the line of the program: of one construct much may be said that is alike. */
export function reportAt(construct: IConstruct, problem: Problem, { at }: Source): void {
  report(construct, { ...problem, got: `${problem.got} at ${at}` });
}

/**
 * Lives with a finding, with a reason. It stays in every list, marked as accepted.
 * @param code - the finding's code
 * @param reason - why, for the reviewer; not empty
 */
export function accept(
  construct: IConstruct,
  code: string,
  reason: string,
  options: { readonly until?: string } = {},
): void {
  const recorder = recorderOf(construct);
  const { path } = construct.node;
  recorder.assertOpen(path, () => `the acceptance of ${code}`);
  if (saysNothing(reason)) {
    report(construct, {
      code: 'acceptance-without-reason',
      message: `${code} is accepted without a reason.`,
      got: 'an empty reason',
      allowed: 'one sentence',
      fix: 'Say why the finding may stay.',
    });
  }
  const place = calledAt(`accept(${code})`, path, accept);
  if (!hasMembers(options)) reportAt(construct, wrongKind('accept', options, ACCEPTANCE), place);
  const { until } = hasMembers(options) ? options : {};
  if (until !== undefined && !isDay(until)) {
    report(construct, {
      code: 'bad-date',
      message: `The last day of an acceptance is not a date.`,
      field: 'until',
      got: until,
      allowed: 'YYYY-MM-DD',
      fix: 'Write the day as 2027-01-31.',
    });
  }
  recorder.acceptances.push({
    path,
    code,
    reason,
    ...(until !== undefined && { until }),
    source: place,
  });
}

const ACCEPTANCE = { wanted: 'an object', example: "{ until: '2027-01-31' }" };

/** True for a day as it is compared: 2027-01-31. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(`${text}T`);
}
