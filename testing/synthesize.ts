import { plainEnvironment } from '../charts/environment-file';
import { loadEnvironment } from '../charts/load-environment';
import { makePlan, type SynthesizeOptions } from '../charts/synthesize';
import { isPlatformDefinition, type PlatformDefinition } from '../constructs/define-platform';
import type { Environment, Tier } from '../constructs/model/environment';
import { AshlarError } from '../constructs/model/error';
import type { Plan } from '../constructs/model/plan';

/** Where environment files are when nothing is said, from the working directory (of jest: where it was started). */
const ENVIRONMENTS_FOLDER = 'environments';

/** The environment to synthesize for: a file, data, or nothing but a tier. */
export type ForEnvironment =
  | {
      /** Name of an environment file: `prod` for `environments/prod.yaml`. */
      readonly environment: string;
      /** Folder of the files; a relative one starts at the working directory. @defaultValue 'environments' */
      readonly folder?: string;
    }
  | {
      /** The environment as data. */
      readonly environment: Environment;
    }
  | {
      /** An environment that has nothing but this tier, and its name; no file is read. */
      readonly tier: Tier;
    };

/**
 * Makes the plan of a platform, as `ashlar synth` does. Its findings are in the plan and are not thrown: see
 * `toHaveNoFindings`.
 *
 * @param definition - what `definePlatform` returned: the default export of a program
 * @param options - the environment; `today` (`YYYY-MM-DD`) where acceptances end and the test must not depend on the day
 * @throws AshlarError `no-platform`, `unknown-environment`, `malformed-environment`, `bad-environment`, `program-threw`,
 * `program-is-async`, `unknown-back-end`, `duplicate-piece`, `bad-definition`, with every problem in `findings`
 *
 * @example
 * ```ts
 * import { synthesize } from 'ashlar/testing';
 * import shop from './platform';
 *
 * test('production is sound', () => {
 *   const plan = synthesize(shop, { environment: 'prod' });
 *   expect(plan).toHaveNoFindings();
 *   expect(plan).toAllow('frontend', 'cartservice', 7070);
 *   expect(plan.objects).toMatchSnapshot();
 * });
 * ```
 */
export function synthesize<Inputs extends object = object>(
  definition: PlatformDefinition<Inputs>,
  options: ForEnvironment & SynthesizeOptions<Inputs>,
): Plan {
  if (!isPlatformDefinition(definition)) throw noPlatform(definition);
  return makePlan(definition, environmentOf(definition, options), options);
}

function environmentOf<Inputs extends object>(
  definition: PlatformDefinition<Inputs>,
  options: ForEnvironment,
): Environment {
  if ('tier' in options) return plainEnvironment(options.tier, options.tier);
  if (typeof options.environment !== 'string') return options.environment;
  const { folder = ENVIRONMENTS_FOLDER } = options as { readonly folder?: string };
  return loadEnvironment(definition, folder, options.environment);
}

function noPlatform(definition: unknown): AshlarError {
  return new AshlarError({
    code: 'no-platform',
    path: 'synthesize',
    message: 'There is no platform to synthesize.',
    got: definition === null ? 'null' : typeof definition,
    allowed: 'what definePlatform returned',
    fix: "Import the program's default export: import shop from './platform'.",
  });
}
