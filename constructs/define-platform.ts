import type { Platform } from './model/component';
import type { Extension } from './model/extension';
import { AshlarError } from './model/error';
import { problemOfName } from './model/element';

/** Found by symbol, so that a program and a command line that loaded different copies of the kit understand each other. */
const DEFINITION = Symbol.for('ashlar.definition');

/** Describes a system. It is called once for each environment, with a fresh platform, and never asks which one it is. */
export type Program = (platform: Platform) => void;

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
export interface PlatformDefinition {
  /** Name of the platform. */
  readonly name: string;
  /** What was given beside the program: extensions and definitions. Empty where nothing was. */
  readonly options: PlatformOptions;
  /** Builds the platform. It runs anew for each environment. */
  readonly program: Program;
}

/**
 * Defines a platform; the default export of a program.
 * @param name - a name in the cluster: `shop`
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
export function definePlatform(name: string, program: Program): PlatformDefinition;
/** Defines a platform with extensions or definitions of custom resources. */
export function definePlatform(name: string, options: PlatformOptions, program: Program): PlatformDefinition;
export function definePlatform(
  name: string,
  ...rest: readonly [Program] | readonly [PlatformOptions, Program]
): PlatformDefinition {
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
  const definition: PlatformDefinition = { name, options, program };
  return Object.freeze(Object.defineProperty(definition, DEFINITION, { value: true }));
}

/** True for what `definePlatform` of any copy of the kit returned. */
export function isPlatformDefinition(value: unknown): value is PlatformDefinition {
  return typeof value === 'object' && value !== null && DEFINITION in value;
}
