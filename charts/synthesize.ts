import { readFileSync } from 'node:fs';
import { Calls } from '../constructs/derive/calls';
import { Workload } from '../constructs/derive/workload';
import type { PlatformDefinition } from '../constructs/define-platform';
import { assemble } from '../constructs/model/assemble';
import { Platform } from '../constructs/model/component';
import type { Environment } from '../constructs/model/environment';
import { AshlarError, isAshlarError, placeOf } from '../constructs/model/error';
import type { Piece } from '../constructs/model/extension';
import { given } from '../constructs/model/given';
import { inputsOf } from '../constructs/model/inputs';
import type { Plan } from '../constructs/model/plan';
import { recorderOf } from '../constructs/model/recorder';
import type { Hole } from '../constructs/model/records';
import { PIECES } from '../constructs/pieces';
import { policies } from '../policies';

/** More about a synthesis. */
export interface SynthesizeOptions<Inputs extends object = object> {
  /** What the program is told, by name: plain data, or what knows it later. @defaultValue nothing: each is a hole */
  readonly inputs?: Inputs;
  /** Notes which settings made which object, for explanations. Slower. @defaultValue false */
  readonly trace?: boolean;
  /** Day on which acceptances are judged, `YYYY-MM-DD`. @defaultValue today */
  readonly today?: string;
}

/**
 * Builds a fresh tree for an environment and makes its plan.
 * @throws AshlarError `program-threw`, `unknown-back-end`, `duplicate-piece`, `bad-definition`; findings are not thrown
 */
export function makePlan<Inputs extends object = object>(
  definition: PlatformDefinition<Inputs>,
  environment: Environment,
  options: SynthesizeOptions<Inputs> = {},
): Plan {
  return openPlatform(definition, environment, options).seal();
}

/** A platform whose program has run, and whose plan is not made yet. */
export interface OpenPlatform {
  /** Values that came in by props and are not known yet, by token. */
  readonly holes: ReadonlyMap<string, Hole>;
  /**
   * Makes the plan, once.
   * @param filling - given by a deployer, who fills holes in later: the tokens of those that nobody may read. Without
   * it, each hole is a finding
   */
  seal(filling?: { readonly secrets: Iterable<string> }): Plan;
}

/**
 * Runs the program of a platform for an environment. Whoever deploys looks at its holes before it seals the platform.
 * @throws AshlarError as {@link makePlan}
 */
export function openPlatform<Inputs extends object = object>(
  definition: PlatformDefinition<Inputs>,
  environment: Environment,
  options: SynthesizeOptions<Inputs> = {},
): OpenPlatform {
  const platform = new Platform(definition.name);
  const { inputs, reportUnasked } = inputsOf(platform, options.inputs ?? {});
  runProgram(definition, platform, inputs as Inputs);
  reportUnasked();
  const recorder = recorderOf(platform);
  const seal: OpenPlatform['seal'] = (filling) => {
    for (const token of filling?.secrets ?? []) recorder.secrets.add(token);
    const checks = policies(definitionsOf(definition), { fillsHoles: filling !== undefined });
    return guarded(platform, () =>
      assemble(platform, {
        environment,
        pieces: [...piecesOf(definition), ...checks],
        count: (graph) => ({ services: graph.having(Workload).length, calls: graph.all(Calls).length }),
        today: options.today ?? new Date().toISOString().slice(0, 10),
        ...(options.trace === true && { trace: true }),
      }),
    );
  };
  return { holes: recorder.holes, seal };
}

/** What was found before something broke is told with it. */
function guarded(platform: Platform, make: () => Plan): Plan {
  try {
    return make();
  } catch (error) {
    if (isAshlarError(error)) throw error;
    const { findings } = recorderOf(platform);
    throw new AshlarError(...findings, {
      code: 'derivation-threw',
      path: platform.node.id,
      message: 'Something that was said could not be worked with.',
      got: error instanceof Error ? error.message : String(error),
      ...given({ field: placeOf(error) }),
      fix:
        findings.length > 0
          ? 'Mend the findings above first.'
          : 'Check the types of what the program says (tsc --noEmit); a piece of an extension may be wrong as well.',
    });
  }
}

/** A platform, whatever its inputs are. */
type AnyDefinition = Pick<PlatformDefinition, 'name' | 'options'>;

/** Everything that derives in a platform: Ashlar's own pieces and those of its extensions. */
export function piecesOf({ name, options }: AnyDefinition): readonly Piece[] {
  const pieces = [...PIECES, ...(options.extensions ?? []).flatMap((extension) => extension.pieces)];
  const seen = new Set<string>();
  for (const piece of pieces) {
    const id = `${piece.piece} ${piece.id}`;
    if (seen.has(id)) {
      throw new AshlarError({
        code: 'duplicate-piece',
        path: `definePlatform(${name})`,
        message: 'Two extensions bring a piece of the same name.',
        got: id,
        allowed: 'one piece a name',
        fix: 'Name each extension once, and let its pieces start with its name: acme.delays.',
      });
    }
    seen.add(id);
  }
  return pieces;
}

function runProgram<Inputs extends object>(
  definition: PlatformDefinition<Inputs>,
  platform: Platform,
  inputs: Inputs,
): void {
  const { name } = definition;
  try {
    const result: unknown = definition.program(platform, inputs);
    if (result instanceof Promise) {
      result.catch(() => undefined);
      throw new AshlarError({
        code: 'program-is-async',
        path: name,
        message: 'The program answers later.',
        got: 'a promise',
        allowed: 'a function that has said everything when it returns',
        fix: 'Await what it needs before definePlatform is called.',
      });
    }
  } catch (error) {
    const earlier = recorderOf(platform).findings;
    throw isAshlarError(error)
      ? new AshlarError(...earlier, ...error.findings)
      : new AshlarError(...earlier, threw(name, error));
  }
}

function threw(name: string, error: unknown) {
  return {
    code: 'program-threw',
    path: name,
    message: 'The program threw an error.',
    got: error instanceof Error ? error.message : String(error),
    ...given({ field: placeOf(error) }),
    fix: 'Correct the program at that place.',
  };
}

/** The definitions of custom resources that a platform names, parsed. */
function definitionsOf({ name, options }: AnyDefinition): readonly object[] {
  const fromExtensions = (options.extensions ?? []).flatMap((extension) => extension.definitions ?? []);
  const own = (options.definitions ?? []).flatMap((given) => {
    return typeof given === 'string' || given instanceof URL ? parseDefinitions(name, given) : [given];
  });
  return [...fromExtensions, ...own];
}

function parseDefinitions(name: string, file: string | URL): readonly object[] {
  const { parseAllDocuments } = require('yaml') as typeof import('yaml');
  try {
    const documents = parseAllDocuments(readFileSync(file, 'utf8'));
    return [...documents]
      .map((document) => document.toJS() as unknown)
      .filter((value) => typeof value === 'object' && value !== null);
  } catch (error) {
    throw new AshlarError({
      code: 'bad-definition',
      path: `definePlatform(${name})`,
      message: `The definition file ${String(file)} cannot be read.`,
      got: (error as Error).message.split('\n')[0] ?? '',
      allowed: 'a YAML file of CustomResourceDefinitions',
      fix: 'Correct the path; a relative one starts at the working directory.',
    });
  }
}
