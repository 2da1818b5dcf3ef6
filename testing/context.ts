/** What a matcher answers. */
export interface MatcherAnswer {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What jest gives to a matcher, by shape. */
export interface MatcherContext {
  readonly isNot?: boolean;
  readonly equals: (a: unknown, b: unknown, testers?: never[]) => boolean;
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
  readonly aAnnotation: string;
  readonly bAnnotation: string;
}
