/** One object names another. */
export interface Reference {
  /** Key of the object that is named. */
  readonly key: string;
  /** Why it has to be there first: `reads it`, `runs as it`. */
  readonly reason: string;
  /** JSON pointer to the name. */
  readonly field: string;
  /** The key in a ConfigMap or Secret that is read. */
  readonly entry?: string | undefined;
  /** The pod starts without it. */
  readonly optional?: true | undefined;
}
