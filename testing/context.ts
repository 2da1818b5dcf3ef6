/** What a matcher answers. */
export interface MatcherAnswer {
  /** Whether what was received is as expected, before `.not` turns it round. */
  readonly pass: boolean;
  /** What is told where the test fails. Called only then. */
  readonly message: () => string;
}

/** What jest gives to a matcher, by shape. */
export interface MatcherContext {
  /** Whether the test says `.not`. @defaultValue false */
  readonly isNot?: boolean;
  /** Compares as `toEqual` does, asymmetric matchers included. */
  readonly equals: (a: unknown, b: unknown, testers?: never[]) => boolean;
  /** What jest's own messages are made with. */
  readonly utils: {
    readonly matcherHint: (
      name: string,
      received?: string,
      expected?: string,
      options?: { readonly isNot: boolean },
    ) => string;
    readonly diff: (a: unknown, b: unknown, options?: DiffLabels) => string | null;
    readonly subsetEquality: unknown;
    readonly iterableEquality: unknown;
  };
}

/** Names of the two sides of a difference. */
export interface DiffLabels {
  /** Name of the first side, which is marked `-`: `Expected`. */
  readonly aAnnotation: string;
  /** Name of the second side, which is marked `+`: `Received`. */
  readonly bAnnotation: string;
}
