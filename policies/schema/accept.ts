/**
 * The hot path of the schema check: says whether a value is fine, and nothing else. It allocates nothing and knows no
 * paths; only an object that is not fine is walked again, by `explain`, which tells why.
 */
import { isDeferred } from '../../constructs/model/deferred';
import { rememberedOf } from '../../constructs/model/shared';
import type { Choice } from './encoding';
import { isBase64, isDateTime, isQuantity } from './formats';
import { brokenLimit } from './limits';
import { Op, type SchemaNode } from './node';

type Fields = Readonly<Record<string, unknown>>;

/** Whether `value` is what `node` allows, deferred values included. */
export function accepts(node: SchemaNode, value: unknown): boolean {
  if (node.op === Op.Pending) node.ready();
  if (node.op >= Op.OpenObject) return acceptsCompound(node, value);
  return acceptsLeaf(node.op, value) || isDeferred(value);
}

function acceptsLeaf(op: number, value: unknown): boolean {
  switch (op) {
    case Op.String:
      return typeof value === 'string';
    case Op.Boolean:
      return typeof value === 'boolean';
    case Op.Int32:
      return isInt32(value);
    case Op.Int64:
      return Number.isSafeInteger(value);
    case Op.Number:
      return Number.isFinite(value);
    case Op.IntOrString:
      return typeof value === 'string' || isInt32(value);
    case Op.Quantity:
      return typeof value === 'string' ? isQuantity(value) : Number.isFinite(value);
    default:
      return acceptsText(op, value);
  }
}

function acceptsText(op: number, value: unknown): boolean {
  if (op === Op.Time) return value === null || (typeof value === 'string' && isDateTime(value));
  return typeof value === 'string' && isBase64(value);
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && value === (value | 0);
}

/** Parts that many objects share are looked at once for each node that they stand for. */
function acceptsCompound(node: SchemaNode, value: unknown): boolean {
  // A value that is not known yet is asked for nothing but its mark.
  const remembered = typeof value !== 'object' || value === null || isDeferred(value) ? undefined : rememberedOf(value);
  if (remembered === undefined) return acceptsAfresh(node, value);
  if (remembered.isRight(node)) return true;
  if (!acceptsAfresh(node, value)) return false;
  remembered.foundRight(node);
  return true;
}

function acceptsAfresh(node: SchemaNode, value: unknown): boolean {
  switch (node.op) {
    case Op.Object:
      return acceptsObject(node, value);
    case Op.List:
      return acceptsList(node.item, value);
    case Op.Map:
      return acceptsMap(node.item, value);
    case Op.Enum:
      return node.values.has(value) || isDeferred(value);
    case Op.Limited:
      return acceptsLimited(node, value);
    case Op.OpenObject:
      return isObject(value);
    default:
      return node.op === Op.Anything && value !== undefined;
  }
}

/** Whether `value` is an object with fields (a deferred value passes for one). */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function acceptsObject(node: SchemaNode, value: unknown): boolean {
  if (!isObject(value)) return false;
  if (isDeferred(value)) return true;
  for (const name in value) {
    const field = value[name];
    if (field !== undefined && !accepts(node.fields.get(name) ?? node.item, field)) return false;
  }
  return holds(node.required, value) && (node.choices.length === 0 || holdsChoices(node.choices, value));
}

function holds(names: readonly string[], value: Fields): boolean {
  for (let index = 0; index < names.length; index++) {
    if (value[names[index] as string] === undefined) return false;
  }
  return true;
}

/** Whether of each union at most one member is present, or exactly one where one must be. */
function holdsChoices(choices: readonly Choice[], value: Fields): boolean {
  for (const choice of choices) {
    const count = countChosen(choice, value);
    if (count > 1 || (count === 0 && choice[0] === 1)) return false;
  }
  return true;
}

/** How many members of a union `value` holds. */
export function countChosen(choice: Choice, value: Fields): number {
  let count = 0;
  for (const set of choice) {
    if (typeof set === 'object' && holds(set, value)) count++;
  }
  return count;
}

function acceptsList(item: SchemaNode, value: unknown): boolean {
  if (!Array.isArray(value)) return isDeferred(value);
  for (let index = 0; index < value.length; index++) {
    if (!accepts(item, value[index])) return false;
  }
  return true;
}

function acceptsMap(item: SchemaNode, value: unknown): boolean {
  if (!isObject(value)) return false;
  if (isDeferred(value)) return true;
  for (const name in value) {
    if (value[name] !== undefined && !accepts(item, value[name])) return false;
  }
  return true;
}

function acceptsLimited(node: SchemaNode, value: unknown): boolean {
  if (value === null) return node.limits.nullable === true;
  if (!accepts(node.item, value)) return false;
  return isDeferred(value) || brokenLimit(node.limits, node.pattern, value) === undefined;
}
