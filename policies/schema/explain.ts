/**
 * Says what is wrong with a value that `accepts` refused: walks it once more, with paths, and finds every problem in
 * one go. The two walks must agree; a property test holds them to it.
 */
import type { Problem } from '../../constructs/model/finding';
import { accepts, countChosen, isObject } from './accept';
import { NEVER, type Choice, type Since } from './encoding';
import { brokenLimit, duplicateIndex } from './limits';
import { NOTHING, Op, type SchemaNode } from './node';
import { nearest, oneOf, print, step, typeName, visible } from './print';

const EXPECTED: Readonly<Record<number, string>> = {
  [Op.String]: 'a string',
  [Op.Boolean]: 'true or false',
  [Op.Int32]: 'a whole number from -2147483648 to 2147483647',
  [Op.Int64]: 'a whole number',
  [Op.Number]: 'a number',
  [Op.IntOrString]: 'a whole number or a string',
  [Op.Quantity]: 'a quantity, as 250m, 1.5Gi or 2',
  [Op.Time]: 'a time, as 2026-01-31T12:00:00Z',
  [Op.Bytes]: 'text in base64',
  [Op.OpenObject]: 'an object',
  [Op.List]: 'a list',
  [Op.Map]: 'an object',
  [Op.Object]: 'an object',
};

/** Finds all problems of one value. */
export class Explainer {
  readonly problems: Problem[] = [];

  /**
   * @param target Target version, as `1.34`.
   * @param isSecret Whether a value at that pointer must not be printed.
   */
  constructor(
    private readonly target: string,
    private readonly isSecret: (pointer: string) => boolean,
  ) {}

  /** Adds the problems of `value` at `pointer`. */
  explain(node: SchemaNode, value: unknown, pointer: string): void {
    if (accepts(node, value)) return;
    if (value === null || value === undefined) return this.nullValue(pointer, value);
    switch (node.op) {
      case Op.Object:
        return this.object(node, value, pointer);
      case Op.List:
        return this.list(node, value, pointer);
      case Op.Map:
        return this.map(node, value, pointer);
      case Op.Enum:
        return this.enumeration(node, value, pointer);
      case Op.Limited:
        return this.limited(node, value, pointer);
      default:
        return this.leaf(node.op, value, pointer);
    }
  }

  private add(pointer: string, problem: Problem): void {
    this.problems.push({ ...problem, field: pointer });
  }

  private got(value: unknown, pointer: string): string {
    return this.isSecret(pointer) ? `${typeName(value)} (not shown)` : print(value);
  }

  private nullValue(pointer: string, value: unknown): void {
    this.add(pointer, {
      code: 'null-value',
      message: `${pointer} holds no value`,
      got: print(value ?? null),
      allowed: 'a value, or no field at all',
      fix: 'leave the field out or give it a value',
    });
  }

  private leaf(op: number, value: unknown, pointer: string): void {
    const allowed = EXPECTED[op] ?? 'a value';
    const code = leafCode(op, value);
    this.add(pointer, {
      code,
      message:
        code !== 'wrong-type'
          ? `${pointer} is not ${allowed}`
          : `${pointer} must be ${allowed}, not ${typeName(value)}`,
      got: this.got(value, pointer),
      allowed,
      fix: fixFor(op, value),
    });
  }

  private wrongType(node: SchemaNode, value: unknown, pointer: string): void {
    this.leaf(node.op, value, pointer);
  }

  private object(node: SchemaNode, value: unknown, pointer: string): void {
    if (!isObject(value)) return this.wrongType(node, value, pointer);
    for (const name in value) {
      if (value[name] !== undefined) this.field(node, name, value[name], pointer + step(name));
    }
    for (const name of node.required) if (value[name] === undefined) this.missing(name, pointer);
    for (const choice of node.choices) this.choice(choice, value, pointer);
  }

  private field(node: SchemaNode, name: string, value: unknown, pointer: string): void {
    const known = node.fields.get(name) ?? node.item;
    const newer = node.newer.get(name);
    if (known !== NOTHING) this.explain(known, value, pointer);
    else if (newer !== undefined) this.newerField(name, newer, pointer);
    else this.unknownField(node, name, pointer);
  }

  private unknownField(node: SchemaNode, name: string, pointer: string): void {
    const known = [...node.fields.keys()].sort();
    const near = nearest(name, known);
    this.add(pointer, {
      code: 'unknown-field',
      message: `${pointer} is no field that the server knows`,
      got: visible(name),
      allowed: known.length === 0 ? 'no fields' : oneOf(known),
      fix: near === undefined ? 'remove the field' : `write ${near} instead of ${name}, or remove it`,
    });
  }

  private newerField(name: string, [minor, gate]: Since, pointer: string): void {
    const never = minor === NEVER;
    const gateNote = gate === undefined ? '' : ` (feature gate ${gate})`;
    this.add(pointer, {
      code: never ? 'field-needs-feature-gate' : 'field-needs-newer-kubernetes',
      ...(never ? { severity: 'warning' as const } : {}),
      message: never
        ? `${pointer} is dropped by a server that has not switched on ${gate}`
        : `${pointer} is kept from Kubernetes 1.${minor} on${gateNote}, and the target is ${this.target}`,
      got: name,
      allowed: `fields that a default server of ${this.target} keeps`,
      fix: never
        ? `switch on the feature gate ${gate} in the cluster, or remove ${name}`
        : `raise the Kubernetes version of the environment to 1.${minor}, or remove ${name}`,
    });
  }

  private missing(name: string, pointer: string): void {
    this.add(pointer + step(name), {
      code: 'missing-field',
      message: `${pointer || 'the object'} lacks the required field ${name}`,
      got: 'nothing',
      allowed: `a value for ${name}`,
      fix: `add ${name}`,
    });
  }

  private choice(choice: Choice, value: Readonly<Record<string, unknown>>, pointer: string): void {
    const [exactly, ...sets] = choice;
    const count = countChosen(choice, value);
    if (count < 2 && (count === 1 || exactly === 0)) return;
    const names = sets.map((set) => set.join(' with '));
    const present = sets
      .filter((set) => set.every((name) => value[name] !== undefined))
      .map((set) => set.join(' with '));
    this.add(pointer, {
      code: count === 0 ? 'missing-choice' : 'several-choices',
      message:
        count === 0 ? `${pointer} must hold one of ${oneOf(names)}` : `${pointer} may hold only one of ${oneOf(names)}`,
      got: count === 0 ? 'none of them' : present.join(' and '),
      allowed: `${exactly === 1 ? 'exactly' : 'at most'} one of ${oneOf(names)}`,
      fix: count === 0 ? `add one of ${oneOf(names)}` : `keep one of ${oneOf(present)}`,
    });
  }

  private list(node: SchemaNode, value: unknown, pointer: string): void {
    if (!Array.isArray(value)) return this.wrongType(node, value, pointer);
    for (let index = 0; index < value.length; index++) this.explain(node.item, value[index], `${pointer}/${index}`);
  }

  private map(node: SchemaNode, value: unknown, pointer: string): void {
    if (!isObject(value)) return this.wrongType(node, value, pointer);
    for (const name in value) {
      if (value[name] !== undefined) this.explain(node.item, value[name], pointer + step(name));
    }
  }

  private enumeration(node: SchemaNode, value: unknown, pointer: string): void {
    const values = [...node.values];
    const near =
      typeof value === 'string'
        ? nearest(
            value,
            values.filter((allowed) => typeof allowed === 'string'),
          )
        : undefined;
    this.add(pointer, {
      code: 'bad-enum-value',
      message: `${pointer} must be one of ${oneOf(values)}`,
      got: this.got(value, pointer),
      allowed: oneOf(values),
      fix: near === undefined ? 'use one of the allowed values' : `write ${near}`,
    });
  }

  private limited(node: SchemaNode, value: unknown, pointer: string): void {
    if (!accepts(node.item, value)) return this.explain(node.item, value, pointer);
    const allowed = brokenLimit(node.limits, node.pattern, value);
    if (allowed === undefined) return;
    const at =
      Array.isArray(value) && allowed.startsWith('elements') ? duplicateIndex(value, node.limits.unique ?? []) : -1;
    if (at >= 0) return this.duplicate((value as unknown[])[at], `${pointer}/${at}`, allowed);
    this.add(pointer, {
      code: 'limit-broken',
      message: `${pointer} must be ${allowed}`,
      got: this.got(value, pointer),
      allowed,
      fix: `make it ${allowed}`,
    });
  }

  private duplicate(element: unknown, pointer: string, allowed: string): void {
    this.add(pointer, {
      code: 'duplicate-element',
      message: `${pointer} repeats an earlier element`,
      got: this.got(element, pointer),
      allowed,
      fix: 'remove or rename one of the two',
    });
  }
}

const BAD_TEXT: Readonly<Record<number, string>> = {
  [Op.Quantity]: 'bad-quantity',
  [Op.Time]: 'bad-time',
  [Op.Bytes]: 'bad-base64',
};

/** A value of the right type may still be no such value; then the code says more than the type. */
function leafCode(op: number, value: unknown): string {
  if (typeof value === 'string') return BAD_TEXT[op] ?? 'wrong-type';
  return typeof value === 'number' && WHOLE.has(op) ? 'bad-integer' : 'wrong-type';
}

/** Never repeats the value: it may be a secret. */
function fixFor(op: number, value: unknown): string {
  if (op === Op.String && (typeof value === 'number' || typeof value === 'boolean')) return 'put it in quotes';
  const quoted = op === Op.Boolean ? value === 'true' || value === 'false' : NUMBERS.has(op) && isNumeric(value);
  return quoted ? 'write it without quotes' : `make it ${EXPECTED[op] ?? 'a value'}`;
}

const WHOLE: ReadonlySet<number> = new Set([Op.Int32, Op.Int64, Op.IntOrString]);
const NUMBERS: ReadonlySet<number> = new Set([Op.Int32, Op.Int64, Op.Number]);

function isNumeric(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}
