/**
 * A value that is known only while the platform is deployed, such as a Pulumi Output. It is recognised by its shape;
 * Pulumi is never imported here.
 */
export interface Deferred<T> {
  /** Takes what is to be done with the value once it is known. Ashlar never calls it: deployers do. */
  apply(next: (value: T) => unknown): unknown;
  /** An input as a text is a placeholder, which is filled in later. Any other Output as a text is a finding. */
  toString(): string;
}

/** A prop that may be known later. */
export type Deferrable<T> = T | Deferred<T>;

/** True for a Pulumi Output. An Output may be a proxy that answers every question, so one property is looked at, no more. */
export function isDeferred(value: unknown): value is Deferred<unknown> {
  return typeof value === 'object' && value !== null && (value as { __pulumiOutput?: unknown }).__pulumiOutput === true;
}
