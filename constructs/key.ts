import { membersOf, problemsOfOptions } from './kinds';
import type { Problem } from './model/finding';
import type { StandardResult, StandardSchema } from './model/standard-schema';

/** What keys of one kind have in common; a key itself holds its options only, as a platform has thousands. */
interface Kind<O> {
  readonly fits: (value: unknown, options: O) => boolean;
  readonly allowed: (options: O) => string;
}

/** Bounds of a number, both included. */
interface Bounds {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

const BOUNDS: Readonly<Record<keyof Bounds, true>> = { min: true, max: true };
const PATTERN = { pattern: true } as const;

const NOTHING: Key<unknown>['problemsAt'] = () => [];

function telling(
  options: object | undefined,
  known: Readonly<Record<string, true>>,
  example: string,
): Key<unknown>['problemsAt'] {
  return options === undefined ? NOTHING : (field) => problemsOfOptions(field, options, known, example);
}

const TEXT: Kind<RegExp | undefined> = {
  fits: (value, pattern) => typeof value === 'string' && (pattern === undefined || value.search(pattern) >= 0),
  allowed: (pattern) => (pattern === undefined ? 'a text' : `a text that matches ${String(pattern)}`),
};

const INTEGER: Kind<Bounds> = {
  fits: (value, { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }) =>
    Number.isInteger(value) && isWithin(value as number, min, max),
  allowed: (bounds) => `a whole number${range(bounds)}`,
};

const NUMBER: Kind<Bounds> = {
  fits: (value, { min = -Infinity, max = Infinity }) => Number.isFinite(value) && isWithin(value as number, min, max),
  allowed: (bounds) => `a number${range(bounds)}`,
};

const BOOLEAN: Kind<undefined> = { fits: (value) => typeof value === 'boolean', allowed: () => 'true or false' };

const ONE_OF: Kind<readonly unknown[]> = {
  fits: (value, values) => values.includes(value),
  allowed: (values) => `one of ${values.join(', ')}`,
};

const URL_KIND: Kind<undefined> = {
  fits: (value) => typeof value === 'string' && URL.canParse(value),
  allowed: () => 'an absolute URL',
};

/**
 * What one value of a configuration may be. Any validator that speaks Standard Schema (zod, valibot, arktype) does as
 * well; these need no other package.
 */
export class Key<T> implements StandardSchema<T> {
  private constructor(
    private readonly kind: Kind<unknown>,
    private readonly options: unknown,
    private readonly isOptional: boolean,
    /** What is wrong with its options, told at a field: by the configuration that takes the key. */
    readonly problemsAt: (field: string) => readonly Problem[],
  ) {}

  /** The validator, as Standard Schema wants it. */
  get '~standard'(): StandardSchema<T>['~standard'] {
    return { version: 1, vendor: 'ashlar', validate: (value) => this.#answer(value) };
  }

  #answer(value: unknown): StandardResult<T> {
    const isFine = this.kind.fits(value, this.options) || (this.isOptional && value === undefined);
    return isFine ? { value: value as T } : { issues: [{ message: this.kind.allowed(this.options) }] };
  }

  /** A text. */
  static text(options?: { readonly pattern?: RegExp }): Key<string> {
    return Key.#of(TEXT, membersOf(options).pattern, telling(options, PATTERN, '{ pattern: /^[a-z]+$/ }'));
  }

  /** A whole number. */
  static integer(options?: { readonly min?: number; readonly max?: number }): Key<number> {
    const { min, max } = membersOf(options);
    return Key.#of(INTEGER, { min, max }, telling(options, BOUNDS, '{ min: 1 }'));
  }

  /** A number. */
  static number(options?: { readonly min?: number; readonly max?: number }): Key<number> {
    const { min, max } = membersOf(options);
    return Key.#of(NUMBER, { min, max }, telling(options, BOUNDS, '{ min: 0.5 }'));
  }

  /** `true` or `false`. */
  static boolean(): Key<boolean> {
    return Key.#of(BOOLEAN, undefined);
  }

  /** One of these texts. */
  static oneOf<const V extends string>(...values: readonly V[]): Key<V> {
    return Key.#of(ONE_OF, values);
  }

  /** An absolute URL. */
  static url(): Key<string> {
    return Key.#of(URL_KIND, undefined);
  }

  /** May be left out; then readers do not get the key. */
  optional(): Key<T | undefined> {
    return new Key<T | undefined>(this.kind, this.options, true, this.problemsAt);
  }

  static #of<T, O>(kind: Kind<O>, options: O, problemsAt = NOTHING): Key<T> {
    return new Key<T>(kind as Kind<unknown>, options, false, problemsAt);
  }
}

function isWithin(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

function range({ min, max }: Bounds): string {
  return `${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` to ${max}`}`;
}
