import type { Source } from './source';

/** A finding that somebody decided to live with. */
export interface Acceptance {
  /** The construct; its parts are included. */
  readonly path: string;
  /** Code of the findings that it covers: `single-replica`. */
  readonly code: string;
  /** Why they may stay, in a sentence for the reviewer. */
  readonly reason: string;
  /** Last day on which it holds, `YYYY-MM-DD`. */
  readonly until?: string;
  /** The line of the program that accepts them. */
  readonly source: Source;
}

/** A value that is not known while the plan is made. */
export interface Hole {
  /** The text that stands for it in manifests. */
  readonly token: string;
  /** Path of the construct that it came in by. */
  readonly path: string;
  /** The prop that it came in by: `env.URL`, `inputs.apiKey`. */
  readonly field: string;
  /** The Output that knows it later; undefined for an input that nobody gave, and for what is computed. */
  readonly value: unknown;
  /** How it follows from other holes, such as a checksum. @defaultValue none: it came in by a prop */
  readonly computed?: Computed;
}

/** A text that follows from values which are not known yet. */
export interface Computed {
  /** Tokens of the values that it needs. */
  readonly tokens: readonly string[];
  /** Makes the text, once each of them is known. It must be pure. */
  readonly from: (valueOf: (token: string) => unknown) => string;
}

/** One step of a patch, as in JSON Patch (RFC 6902, section 4). Paths are JSON pointers: `/spec/template/spec`. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** Which objects of a construct are meant. */
export interface ObjectSelector {
  /** Kind of the objects, in the singular: `Deployment`. */
  readonly kind: string;
  /** Group and version: `apps/v1`. @defaultValue any */
  readonly apiVersion?: string;
  /** Value of `metadata.name`: `orders`. @defaultValue any */
  readonly name?: string;
}

/** A recorded patch. */
export interface Patch {
  readonly path: string;
  readonly selector: ObjectSelector;
  readonly operations: readonly PatchOperation[];
  readonly source: Source;
}
