import type { StandardResult, StandardSchema } from './model/standard-schema';

/**
 * What one value of a configuration may be. Any validator that speaks Standard Schema (zod, valibot, arktype) does as
 * well; these need no other package.
 */
export class Key<T> implements StandardSchema<T> {
  private constructor(
    private readonly fits: (value: unknown) => boolean,
    private readonly allowed: () => string,
    private readonly isOptional: boolean,
  ) {}

  /** The validator, as Standard Schema wants it. */
  get '~standard'(): StandardSchema<T>['~standard'] {
    return { version: 1, vendor: 'ashlar', validate: (value) => this.#answer(value) };
  }

  #answer(value: unknown): StandardResult<T> {
    const isFine = this.fits(value) || (this.isOptional && value === undefined);
    return isFine ? { value: value as T } : { issues: [{ message: this.allowed() }] };
  }

  /** A text. */
  static text(options: { readonly pattern?: RegExp } = {}): Key<string> {
    const { pattern } = options;
    return Key.#of(
      () => (pattern === undefined ? 'a text' : `a text that matches ${String(pattern)}`),
      (value) => typeof value === 'string' && (pattern === undefined || value.search(pattern) >= 0),
    );
  }

  /** A whole number. */
  static integer(options: { readonly min?: number; readonly max?: number } = {}): Key<number> {
    const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
    return Key.#of(
      () => `a whole number${range(options)}`,
      (value) => Number.isInteger(value) && isWithin(value as number, min, max),
    );
  }

  /** A number. */
  static number(options: { readonly min?: number; readonly max?: number } = {}): Key<number> {
    const { min = -Infinity, max = Infinity } = options;
    return Key.#of(
      () => `a number${range(options)}`,
      (value) => Number.isFinite(value) && isWithin(value as number, min, max),
    );
  }

  /** `true` or `false`. */
  static boolean(): Key<boolean> {
    return Key.#of(
      () => 'true or false',
      (value) => typeof value === 'boolean',
    );
  }

  /** One of these texts. */
  static oneOf<const V extends string>(...values: readonly V[]): Key<V> {
    return Key.#of(
      () => `one of ${values.join(', ')}`,
      (value) => values.includes(value as V),
    );
  }

  /** An absolute URL. */
  static url(): Key<string> {
    return Key.#of(
      () => 'an absolute URL',
      (value) => typeof value === 'string' && URL.canParse(value),
    );
  }

  /** May be left out; then readers do not get the key. */
  optional(): Key<T | undefined> {
    return new Key<T | undefined>(this.fits, this.allowed, true);
  }

  static #of<T>(allowed: () => string, fits: (value: unknown) => boolean): Key<T> {
    return new Key<T>(fits, allowed, false);
  }
}

function isWithin(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

function range({ min, max }: { readonly min?: number; readonly max?: number }): string {
  return `${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` to ${max}`}`;
}
