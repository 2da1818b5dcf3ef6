/**
 * Parts that many objects hold: labels of a workload, the selector of its pods, the security settings of every
 * container. Who makes such a part says so, and who reads objects (the YAML writer, the schema check) remembers what it
 * found out about it, instead of looking at the same thing once more in each object. Nothing depends on it but time.
 */

/** A link of a chain. There are one to three of a kind to each part, for which lists would be large. */
interface Link<K, V> {
  readonly key: K;
  readonly value: V;
  readonly next: Link<K, V> | undefined;
}

/** What was found out about one shared part. */
export class Remembered {
  #yaml: Link<number, string> | undefined;
  #right: Link<object, true> | undefined;

  /** Its YAML at a place (see charts/yaml.ts). */
  yamlAt(place: number): string | undefined {
    return find(this.#yaml, place);
  }

  /** Notes its YAML at a place. */
  keepYaml(place: number, text: string): string {
    this.#yaml = { key: place, value: text, next: this.#yaml };
    return text;
  }

  /** Whether somebody (a node of a schema, a rule) looked at it and found it right. */
  isRight(by: object): boolean {
    return find(this.#right, by) === true;
  }

  /** Notes that somebody found it right. */
  foundRight(by: object): void {
    this.#right = { key: by, value: true, next: this.#right };
  }
}

function find<K, V>(first: Link<K, V> | undefined, key: K): V | undefined {
  for (let link = first; link !== undefined; link = link.next) if (link.key === key) return link.value;
  return undefined;
}

/** Where a part keeps it: found quicker than in a WeakMap, of which tens of thousands of entries burden the collector. */
const REMEMBERED = Symbol('ashlar.remembered');

interface Part {
  readonly [REMEMBERED]?: Remembered;
}

/** Says that a finished part stands in many objects. It is frozen with all that it holds: nothing changes it any more. */
export function shared<T extends object>(part: T): T {
  // What somebody else froze stays as it is; then it is looked at each time.
  if (rememberedOf(part) === undefined && Object.isExtensible(part)) {
    Object.defineProperty(part, REMEMBERED, { value: new Remembered() });
    freeze(part);
  }
  return part;
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const name in value) freeze((value as Readonly<Record<string, unknown>>)[name]);
}

/** Parts by their text. Bounded, as it outlives the plan. */
const byText = new Map<string, object>();
const MOST_TEXTS = 500;

/** The part that stands for all that say the same: for small ones of which most objects have an equal, such as ports. */
export function alike<T extends object>(part: T): T {
  if (rememberedOf(part) !== undefined) return part;
  const text = JSON.stringify(part);
  const known = byText.get(text) as T | undefined;
  if (known !== undefined) return known;
  if (byText.size >= MOST_TEXTS) byText.clear();
  byText.set(text, part);
  return shared(part);
}

/** What was found out about a part; undefined for what nobody shares. */
export function rememberedOf(part: Part): Remembered | undefined {
  return part[REMEMBERED];
}

/** Whether somebody looked at a shared part before and found it right. */
export function isRight(part: object, by: object): boolean {
  return rememberedOf(part)?.isRight(by) === true;
}

/** Notes that a part is right in the eyes of somebody, so that it need not be looked at in the next object. */
export function foundRight(part: object, by: object): void {
  rememberedOf(part)?.foundRight(by);
}

/** A function of an object that is computed once for each. */
export function oncePer<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = compute(key)));
    return value;
  };
}

/** How many values a function remembers; most platforms have a handful. */
const MOST_VALUES = 100;

/** A function of a text or a number of which a platform has few, such as a setting. Bounded, as it outlives the plan. */
export function oncePerValue<K extends string | number, V extends object>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      if (known.size >= MOST_VALUES) known.clear();
      known.set(key, (value = compute(key)));
    }
    return value;
  };
}
