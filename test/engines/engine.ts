/** A part of an engine: one run of a tool, and what it leaves behind. A build that was stopped goes on with the next. */
export interface Part {
  /** Names it in the record of an unfinished build. */
  readonly name: string;
  /** Makes its files in a folder, and returns their paths in it. */
  readonly make: (folder: string) => Promise<readonly string[]>;
}

/** What `npm run engines` builds. */
export interface Engine {
  readonly name: string;
  /** What people call it: `1.36.3`. */
  readonly version: string;
  /** Texts that it is made from: when one changes, it is built again. */
  readonly inputs: readonly string[];
  readonly parts: readonly Part[];
}
