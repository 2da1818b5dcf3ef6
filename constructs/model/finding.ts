/**
 * One problem, told so that a reader can act on it: what it is (a stable code), where it is (construct path, object,
 * field), what was got, what is allowed and how to mend it. Schema checks, graph rules and policies all speak in
 * findings; nothing in Ashlar reports a problem in any other way.
 */

/** How bad it is. An `error` stops the output, a `warning` is listed. */
export type Severity = 'error' | 'warning';

/** What is wrong, as the one who found it says it. */
export interface Problem {
  /** Stable, in kebab-case, by which it is accepted and tested: `unknown-field`, `port-out-of-range`. */
  readonly code: string;
  /** Whether it stands in the way of deploying. @defaultValue 'error' */
  readonly severity?: Severity;
  /** One sentence that names what is wrong. */
  readonly message: string;
  /** JSON pointer into the object, or the prop: `/spec/replicas`, `ports.http`. */
  readonly field?: string;
  /** What was found, printed. Never a secret. */
  readonly got?: string;
  /** What would have been right. */
  readonly allowed?: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** A problem at its place. */
export interface Finding extends Problem {
  /** Always set here: `error` where its finder said nothing. */
  readonly severity: Severity;
  /** Path of the construct that is to blame: `shop/ordering/orders`, or the file and position for input files. */
  readonly path: string;
  /** The object it is about, as `Kind/namespace/name` (cluster-scoped: `Kind/name`). */
  readonly object?: string;
}

/** True for what stands in the way of deploying. */
export function isError({ severity }: Finding): boolean {
  return severity === 'error';
}
