import type { Platform } from './model/component';
import type { Extension } from './model/extension';
import { AshlarError } from './model/error';
import { problemOfName } from './model/element';

/** Found by symbol, so that a program and a command line that loaded different copies of the kit understand each other. */
const DEFINITION = Symbol.for('ashlar.definition');

/**
 * Describes a system. It is called once for each environment, with a fresh platform, and never asks which one it is.
 * Inputs come from whoever deploys: Outputs from Pulumi, texts from `--input name=value`.
 */
export type Program<Inputs extends object = object> = (platform: Platform, inputs: Inputs) => void;

/** More about a platform. */
export interface PlatformOptions {
  /** What brings further patterns, rules and back ends. Environment files are checked against their back ends. @defaultValue none */
  readonly extensions?: readonly Extension[];
  /**
   * CustomResourceDefinition manifests of the team's own custom resources, against which those are checked: parsed, or
   * the path of a YAML file (relative to the working directory), or its URL. @defaultValue none
   */
  readonly definitions?: readonly (string | URL | object)[];
}

/** A platform as it was defined, not built yet. */
export interface PlatformDefinition<Inputs extends object = object> {
  /** Name of the platform. */
  readonly name: string;
  /** What was given beside the program: extensions and definitions. Empty where nothing was. */
  readonly options: PlatformOptions;
  /** Builds the platform. It runs anew for each environment. */
  program(this: void, platform: Platform, inputs: Inputs): void;
}

/**
 * Defines a platform; the default export of a program.
 * @param name - a name in the cluster: `shop`
 * @typeParam Inputs - what the program is told from outside, by name: `{ apiKey: Deferred<string> }`. Each may be a
 * whole prop or stand in a text; what nobody gives is a finding (`hole`)
 * @throws AshlarError `bad-name`
 *
 * @example
 * ```ts
 * export default definePlatform('shop', (shop) => {
 *   const ordering = new BoundedContext(shop, 'ordering', { team: 'orders' });
 *   new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.4.2', ports: { http: 8080 } });
 * });
 * ```
 */
export function definePlatform<Inputs extends object = object>(
  name: string,
  program: Program<Inputs>,
): PlatformDefinition<Inputs>;
/** Defines a platform with extensions or definitions of custom resources. */
export function definePlatform<Inputs extends object = object>(
  name: string,
  options: PlatformOptions,
  program: Program<Inputs>,
): PlatformDefinition<Inputs>;
export function definePlatform<Inputs extends object>(
  name: string,
  ...rest: readonly [Program<Inputs>] | readonly [PlatformOptions, Program<Inputs>]
): PlatformDefinition<Inputs> {
  const [options, program] = rest.length === 1 ? [{}, rest[0]] : rest;
  const problem = problemOfName(name, 'name');
  if (problem !== undefined) throw new AshlarError({ ...problem, path: 'definePlatform' });
  if (typeof program !== 'function') {
    throw new AshlarError({
      code: 'no-program',
      path: `definePlatform(${name})`,
      message: 'The platform has no function that describes it.',
      got: typeof program,
      allowed: 'a function that takes the platform',
      fix: `Write definePlatform('${name}', (platform) => { ... }).`,
    });
  }
  const definition: PlatformDefinition<Inputs> = { name, options, program };
  return Object.freeze(Object.defineProperty(definition, DEFINITION, { value: true }));
}

/** True for what `definePlatform` of any copy of the kit returned. */
export function isPlatformDefinition(value: unknown): value is PlatformDefinition {
  return typeof value === 'object' && value !== null && DEFINITION in value;
}
