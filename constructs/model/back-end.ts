import type { BackEndChoice, Environment, Located } from './environment';
import { AshlarError } from './error';
import type { JsonSchema } from './json-schema';

/**
 * Something that an environment can serve in more than one way: a mesh, a cache, a rollout controller. A pattern says
 * what it needs; the back end that the environment chose says how.
 */
export interface Need<B> {
  /** As it is written under `backEnds` in environment files. */
  readonly id: string;
  /** The back end where the environment names none. */
  readonly otherwise: string;
  /** Never set. It ties the id to the type of its back ends. */
  readonly serves?: (backEnd: B) => void;
}

/** One way to serve a need. */
export interface BackEndPiece {
  /** Tells it from other pieces. */
  readonly piece: 'backEnd';
  /** Unique among back ends: `redis:in-cluster`. */
  readonly id: string;
  /** Id of the need that it serves: `redis`. */
  readonly need: string;
  /** As it is written under `backEnds.<need>.name`: `in-cluster`. Unique for its need. */
  readonly name: string;
  /** What its options look like in an environment file. */
  readonly options: JsonSchema;
  /** Whether it wants the YAML documents in `environments/<need>/<environment>/`. @defaultValue false */
  readonly wantsDocuments?: true;
  /** Makes the back end, once an environment. The options fit the schema; where the file gives none, they are empty. */
  make(options: Readonly<Record<string, unknown>>, documents: readonly Located[]): unknown;
}

/** Makes a need. */
export function need<B>(id: string, otherwise: string): Need<B> {
  return { id, otherwise };
}

/**
 * Makes a back end.
 * @param options - schema of its options
 * @param make - only called with options that the schema admits
 */
export function backEnd<B>(
  need: Need<B>,
  name: string,
  options: JsonSchema,
  make: (options: Readonly<Record<string, unknown>>) => B,
): BackEndPiece {
  return { piece: 'backEnd', id: `${need.id}:${name}`, need: need.id, name, options, make };
}

/**
 * Makes a back end that needs more than options: what stands in the YAML files of `environments/<need>/<environment>/`.
 * @param options - schema of its options
 * @param make - only called with options that the schema admits, and with each document of these files
 */
export function backEndWithDocuments<B>(
  need: Need<B>,
  name: string,
  options: JsonSchema,
  make: (options: Readonly<Record<string, unknown>>, documents: readonly Located[]) => B,
): BackEndPiece {
  return { piece: 'backEnd', id: `${need.id}:${name}`, need: need.id, name, options, wantsDocuments: true, make };
}

/** The back ends that one environment chose, each made once. */
export class BackEnds {
  readonly #made = new Map<string, unknown>();

  constructor(
    private readonly environment: Environment,
    private readonly pieces: readonly BackEndPiece[],
  ) {}

  /** Throws `unknown-back-end` when the environment names one that no extension brings. */
  of<B>(need: Need<B>): B {
    if (!this.#made.has(need.id)) this.#made.set(need.id, this.#make(need));
    return this.#made.get(need.id) as B;
  }

  #make<B>(need: Need<B>): B {
    const chosen = this.environment.backEnds[need.id];
    const name = chosen?.name ?? need.otherwise;
    const candidates = this.pieces.filter((piece) => piece.need === need.id);
    const piece = candidates.find((candidate) => candidate.name === name);
    if (piece !== undefined) return make(piece, chosen) as B;
    throw new AshlarError({
      code: 'unknown-back-end',
      path: chosen?.at ?? `environment ${this.environment.name}`,
      message: `No back end called ${name} serves ${need.id}.`,
      got: name,
      allowed: candidates.map((candidate) => candidate.name).join(', ') || 'none is known',
      fix: `Choose one under backEnds.${need.id} of the environment file, or name the extension that brings it in definePlatform.`,
    });
  }
}

function make(piece: BackEndPiece, chosen: BackEndChoice | undefined): unknown {
  const { options = {}, documents = [] } = chosen ?? {};
  return piece.make(options, documents);
}

/** Names of the back ends that can do all that is wanted, for a finding; empty where none can. */
export function namesOfAble<A>(known: Readonly<Record<string, ReadonlySet<A>>>, wanted: readonly A[]): string {
  const able = Object.entries(known).filter(([, can]) => wanted.every((ability) => can.has(ability)));
  return able.map(([name]) => name).join(', ');
}
