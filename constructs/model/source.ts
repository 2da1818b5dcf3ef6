import type { IConstruct } from 'constructs';

/** Who said a thing, and where. Every edge, part, patch and value carries one, so that whoever reads the result can go to its cause. */
export interface Source {
  /** In words: `frontend.calls(cartservice)`, `derivation workloads`. */
  readonly by: string;
  /** Path of the construct, or `file:line:column`. */
  readonly at: string;
}

/** Who made an object, or a part of it. */
export interface ObjectSource extends Source {
  /** Which part, where the object is rendered of many: `http ordering-orders-grpc`. @defaultValue the whole object */
  readonly part?: string;
}

/** Says of a source which part of an object it made. */
export function madePart(part: string, source: Source): ObjectSource {
  return {
    by: source.by,
    part,
    // Reading the place of a line costs time, and few places are read.
    get at() {
      return source.at;
    },
  };
}

/** The source of what a construct says by what it is. */
export function saidBy({ node, constructor }: IConstruct): Source {
  return { by: `${constructor.name} ${node.id}`, at: node.path };
}

/** A source in the program: the place is read from the stack only when somebody asks for it. */
class ProgramSource implements Source {
  /** Not formatted before it is read. */
  declare private readonly stack?: string;

  constructor(
    readonly by: string,
    private readonly path: string,
  ) {}

  get at(): string {
    const frame = /(?:\(|at )((?:[A-Za-z]:)?[^()\s][^()]*:\d+:\d+)\)?$/.exec(this.stack?.trim() ?? '')?.[1];
    return frame === undefined ? this.path : `${this.path} (${frame.replace(/^.*[\\/]/, '')})`;
  }
}

/**
 * The line of the program that said something. As few frames as needed are captured and none is formatted, so that
 * thousands of edges cost milliseconds.
 * @param recording - the function that records what was said
 * @param frames - calls between the program and that function, itself included: 1 where the program calls it
 */
export function calledAt(by: string, path: string, recording: (...args: never[]) => unknown, frames = 1): Source {
  const source = new ProgramSource(by, path);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = frames;
  Error.captureStackTrace(source, recording);
  Error.stackTraceLimit = limit;
  return source;
}
