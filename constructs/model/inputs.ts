import type { Platform } from './component';
import { isDeferred, tokenOf, type Deferred } from './deferred';
import { AshlarError } from './error';
import { recorderOf, report } from './recorder';

/** What is given to a program, by name. */
export type GivenInputs = Readonly<Record<string, unknown>>;

/**
 * An input that is not known yet. It may be a whole prop, and it may stand in a template literal or a joined text: as a
 * text it is its token.
 */
class OpenInput implements Deferred<unknown> {
  readonly __pulumiOutput = true;

  constructor(
    private readonly name: string,
    private readonly token: string,
  ) {}

  toString(): string {
    return this.token;
  }

  toJSON(): string {
    return this.token;
  }

  /** Nobody knows the value inside of a program. */
  apply(): never {
    throw new AshlarError({
      code: 'input-not-known-yet',
      path: 'inputs',
      field: this.name,
      message: `The program wants to compute with the input ${this.name}, which is not known while it runs.`,
      got: `${this.name}.apply(...)`,
      allowed: 'the input as a whole prop, or in a text',
      fix: `Compute before, and give the result: deploy(..., { inputs: { ${this.name}: output.apply(...) } }).`,
    });
  }
}

/**
 * What a program gets as its inputs. Names are known to the compiler only, so each name that the program asks for is an
 * input: one that was given as plain data is that data, any other is a hole until somebody knows it.
 * @returns the inputs, and a function that reports what was given and never asked for
 */
export function inputsOf(
  platform: Platform,
  given: GivenInputs,
): { readonly inputs: object; readonly reportUnasked: () => void } {
  const open = new Map<string, OpenInput>();
  const asked = new Set<string>();
  const get = (_target: object, name: string | symbol): unknown => {
    if (typeof name === 'symbol') return undefined;
    asked.add(name);
    const value = given[name];
    if (value !== undefined && !isDeferred(value)) return value;
    let input = open.get(name);
    if (input === undefined) open.set(name, (input = openInput(platform, name, value)));
    return input;
  };
  const reportUnasked = (): void => {
    for (const name of Object.keys(given).filter((one) => !asked.has(one))) {
      report(platform, {
        code: 'unknown-input',
        message: `The program asks for no input called ${name}.`,
        field: `inputs.${name}`,
        got: name,
        allowed: [...asked].sort().join(', ') || 'no inputs',
        fix: 'Correct the name, or leave it out.',
      });
    }
  };
  return { inputs: new Proxy({}, { get, has: () => true }), reportUnasked };
}

function openInput(platform: Platform, name: string, value: unknown): OpenInput {
  const recorder = recorderOf(platform);
  const { path } = platform.node;
  const field = `inputs.${name}`;
  const token = tokenOf(path, field);
  const input = new OpenInput(name, token);
  recorder.holes.set(token, { token, path, field, value });
  recorder.ownTokens.set(input, token);
  return input;
}
