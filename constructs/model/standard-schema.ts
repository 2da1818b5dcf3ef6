/**
 * A validator that speaks Standard Schema (standardschema.dev, version 1), by shape: zod, valibot, arktype and many
 * others do, and so do the keys that Ashlar brings.
 */
export interface StandardSchema<T = unknown> {
  /**
   * The validator's side of the agreement. `validate` must answer at once: a promise is a finding
   * (`config-schema-is-async`).
   */
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>;
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
  };
}

/** What a validator answers. */
export type StandardResult<T> =
  { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly { readonly message: string }[] };
