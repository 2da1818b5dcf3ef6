/**
 * A value that nobody knows yet: an Output of the deployment engine, which stands for the value until the engine
 * has run. It may be a proxy that answers every question with another proxy, so the mark is the only thing that
 * may be asked of it; anything else would look like a field.
 */

/** Whether `value` stands for a value that is not known yet. Asks for the mark `__pulumiOutput` and nothing else. */
export function isDeferred(value: unknown): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return (value as { readonly __pulumiOutput?: unknown }).__pulumiOutput === true;
}
