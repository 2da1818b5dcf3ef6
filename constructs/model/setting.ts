import type { IConstruct } from 'constructs';
import type { Environment, Layer, Located, ServiceLayer, Tier } from './environment';
import type { JsonSchema } from './json-schema';
import { oncePer } from './shared';

/**
 * A value that tiers and layers give where the program does not. Facts hold only what was said; what is decided for a
 * construct is read through the graph, so that each value has a source.
 *
 * The order, weakest first: tier default, base layer, tier layer, environment, region, what the program said, and what
 * a layer says about this very construct.
 */
export interface Setting<T> {
  /** As it is written in environment files: `replicas`, `resources`. */
  readonly id: string;
  /** What the value looks like in a file. Files are checked against it, and editors are told. */
  readonly schema: JsonSchema;
  /** Turns the file's value into the program's; only called with what the schema admits. */
  parse(raw: unknown): T;
  /** What holds where nobody says anything. */
  byTier(tier: Tier): T;
  /** How the value is printed by `explain`. */
  print(value: T): string;
}

/** A value and who gave it. */
export interface Decided<T> {
  /** The value that holds, from the strongest layer that gives one. */
  readonly value: T;
  /** `default of tier production`, `program`, `environments/prod.yaml:12:5`. */
  readonly from: string;
}

/** One line of an explanation: this setting had this value because of that. */
export interface Trace {
  /** Id of the setting: `scale`. */
  readonly setting: string;
  /** Path of the construct that it was read for: `shop/ordering/orders`. */
  readonly construct: string;
  /** The value as the setting prints it: `3 to 10`. */
  readonly value: string;
  /** Who gave it: `default of tier production`, `program`, `environments/prod.yaml:12:5`. */
  readonly from: string;
}

/** Makes a setting. */
export function setting<T>(definition: {
  readonly id: string;
  readonly schema: JsonSchema;
  readonly byTier: (tier: Tier) => T;
  readonly parse?: (raw: unknown) => T;
  readonly print?: (value: T) => string;
}): Setting<T> {
  return { parse: (raw) => raw as T, print: (value) => JSON.stringify(value), ...definition };
}

/** The construct that people know: a service that was taken in stands for the workload that it was made of. */
export function standsFor(construct: IConstruct): IConstruct {
  return (construct as IConstruct & { readonly standsFor?: IConstruct }).standsFor ?? construct;
}

/** Path of a construct below its platform, as environment files name it. */
export function pathBelowPlatform(construct: IConstruct): string {
  const { path } = standsFor(construct).node;
  return path.slice(path.indexOf('/') + 1);
}

/** Decides settings for one environment. What does not depend on the construct is decided once. */
export class SettingResolver {
  readonly #environment: Environment;
  readonly #general = new Map<string, Decided<unknown>>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The value at a construct. */
  decide<T>(setting: Setting<T>, at: IConstruct, said: T | undefined): Decided<T> {
    const own = this.#ofConstruct(setting.id, at);
    if (own !== undefined) return { value: setting.parse(own.value), from: own.at };
    if (said !== undefined) return { value: said, from: 'program' };
    let general = this.#general.get(setting.id) as Decided<T> | undefined;
    if (general === undefined) this.#general.set(setting.id, (general = this.#decideGeneral(setting)));
    return general;
  }

  #decideGeneral<T>(setting: Setting<T>): Decided<T> {
    const found = lastOf(this.#environment.layers, (layer) => layer.settings[setting.id]);
    if (found !== undefined) return { value: setting.parse(found.value), from: found.at };
    const { tier } = this.#environment;
    return { value: setting.byTier(tier), from: `default of tier ${tier}` };
  }

  #ofConstruct(id: string, at: IConstruct): Located | undefined {
    const layers = serviceLayers(this.#environment, at);
    return layers.length === 0 ? undefined : layers.find(({ settings }) => settings[id] !== undefined)?.settings[id];
  }
}

const NONE: readonly never[] = [];

/**
 * What layers say about a construct, strongest first: in each layer what they say by its path, by `context/*`, or by
 * `*`.
 */
export function serviceLayers(environment: Environment, construct: IConstruct): readonly ServiceLayer[] {
  return servicesIn(environment)(construct);
}

const servicesIn = oncePer(({ layers }: Environment): ((construct: IConstruct) => readonly ServiceLayer[]) => {
  if (layers.every(({ services }) => Object.keys(services).length === 0)) return () => NONE;
  return oncePer((construct) => servicesAt(layers, pathBelowPlatform(construct)));
});

function servicesAt(layers: readonly Layer[], path: string): readonly ServiceLayer[] {
  const names = [path, `${path.slice(0, path.lastIndexOf('/'))}/*`, '*'];
  const found = layers.toReversed().flatMap(({ services }) => names.flatMap((name) => services[name] ?? []));
  return found.length === 0 ? NONE : found;
}

/** The strongest layer's answer. */
export function lastOf<T>(layers: readonly Layer[], ask: (layer: Layer) => T | undefined): T | undefined {
  for (let index = layers.length - 1; index >= 0; index -= 1) {
    const layer = layers[index];
    const answer = layer === undefined ? undefined : ask(layer);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
