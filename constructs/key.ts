import type { StandardResult, StandardSchema } from './model/standard-schema';

type Parse<T> = (value: unknown) => StandardResult<T>;

/**
 * What one value of a configuration may be. Any validator that speaks Standard Schema (zod, valibot, arktype) does as
 * well; these need no other package.
 */
export class Key<T> implements StandardSchema<T> {
  /** The validator, as Standard Schema wants it. */
  readonly '~standard': StandardSchema<T>['~standard'];

  private constructor(private readonly parse: Parse<T>) {
    this['~standard'] = { version: 1, vendor: 'ashlar', validate: parse };
  }

  /** A text. */
  static text(options: { readonly pattern?: RegExp } = {}): Key<string> {
    const { pattern } = options;
    const allowed = pattern === undefined ? 'a text' : `a text that matches ${String(pattern)}`;
    return Key.#of(
      allowed,
      (value) => typeof value === 'string' && (pattern === undefined || value.search(pattern) >= 0),
    );
  }

  /** A whole number. */
  static integer(options: { readonly min?: number; readonly max?: number } = {}): Key<number> {
    const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
    return Key.#of(
      `a whole number${range(options)}`,
      (value) => Number.isInteger(value) && isWithin(value as number, min, max),
    );
  }

  /** A number. */
  static number(options: { readonly min?: number; readonly max?: number } = {}): Key<number> {
    const { min = -Infinity, max = Infinity } = options;
    return Key.#of(
      `a number${range(options)}`,
      (value) => Number.isFinite(value) && isWithin(value as number, min, max),
    );
  }

  /** `true` or `false`. */
  static boolean(): Key<boolean> {
    return Key.#of('true or false', (value) => typeof value === 'boolean');
  }

  /** One of these texts. */
  static oneOf<const V extends string>(...values: readonly V[]): Key<V> {
    return Key.#of(`one of ${values.join(', ')}`, (value) => values.includes(value as V));
  }

  /** An absolute URL. */
  static url(): Key<string> {
    return Key.#of('an absolute URL', (value) => typeof value === 'string' && URL.canParse(value));
  }

  /** May be left out; then readers do not get the key. */
  optional(): Key<T | undefined> {
    return new Key<T | undefined>((value) => (value === undefined ? { value } : this.parse(value)));
  }

  static #of<T>(allowed: string, fits: (value: unknown) => boolean): Key<T> {
    return new Key<T>((value) => (fits(value) ? { value: value as T } : { issues: [{ message: allowed }] }));
  }
}

function isWithin(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

function range({ min, max }: { readonly min?: number; readonly max?: number }): string {
  return `${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` to ${max}`}`;
}
