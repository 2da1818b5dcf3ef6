/**
 * What rules are made of. A rule looks at one concern of one object, as plain data that may be malformed in any way:
 * what is malformed was reported already, so a rule steps over it. Rules run on every object: a check of a field takes
 * the path of what holds it and its name, and joins the two only when it complains.
 */
import type { Problem } from '../../../constructs/model/finding';
import { isDeferred } from '../../../constructs/model/deferred';

/** Any object, as far as a rule knows it. */
export type Data = Readonly<Record<string, unknown>>;

/** What a rule says of a field. */
export type Complaint = Required<Pick<Problem, 'code' | 'message' | 'got' | 'allowed' | 'fix'>> &
  Pick<Problem, 'severity'>;

/** Takes a problem at a JSON pointer. */
export type Report = (field: string, complaint: Complaint) => void;

/** What a rule may know besides the object. */
export interface RuleContext {
  /** Table and kind, as `apps_v1/Deployment`. */
  readonly type: string;
  readonly namespaced: boolean;
  /** Target minor version, as 34. */
  readonly minor: number;
}

/** A rule over whole objects. */
export type Rule = (object: Data, report: Report, context: RuleContext) => void;

const NOTHING: Data = Object.freeze({});
const NONE: readonly unknown[] = Object.freeze([]);

/** The value as an object; an empty one where it is none, or is not known yet. */
export function record(value: unknown): Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isDeferred(value)
    ? (value as Data)
    : NOTHING;
}

/** The value as a list; an empty one where it is none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NONE;
}

/** Whether the value is there and known. */
export function isKnown(value: unknown): boolean {
  return value !== undefined && value !== null && !isDeferred(value);
}

/** Whether the value is known, or not there at all. */
export function isKnownOrAbsent(value: unknown): boolean {
  return value === undefined || isKnown(value);
}

/** How many of the fields are there, known or not. */
export function countPresent(value: Data, names: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < names.length; index++) {
    const field = value[names[index] as string];
    if (field !== undefined && field !== null) count++;
  }
  return count;
}

/** Index of the first element, from `start` on, whose `key` is a text that an earlier element has too; -1 for none. */
export function nextDuplicate(elements: readonly unknown[], key: string, start = 1): number {
  for (let index = start; index < elements.length; index++) {
    const value = record(elements[index])[key];
    if (typeof value !== 'string' || value === '') continue;
    for (let earlier = 0; earlier < index; earlier++) if (record(elements[earlier])[key] === value) return index;
  }
  return -1;
}

/** Complains about each element of `path/field` whose `key` is a text that an earlier element has too. */
export function checkUnique(
  elements: readonly unknown[],
  key: string,
  path: string,
  field: string,
  report: Report,
): void {
  for (let at = nextDuplicate(elements, key); at >= 0; at = nextDuplicate(elements, key, at + 1)) {
    const name = String(record(elements[at])[key]);
    report(`${path}/${field}/${at}/${key}`, duplicateName(field, name));
  }
}

/** Says that two of `what` are named alike. */
export function duplicateName(what: string, name: string): Complaint {
  return {
    code: 'duplicate-name',
    message: `two of ${what} are named ${name}`,
    got: name,
    allowed: 'names that differ',
    fix: 'rename one of them',
  };
}

/** Complains about a number in `path/name` outside its bounds; what is no number is the schema's business. */
export function checkBounds(
  value: unknown,
  minimum: number,
  maximum: number,
  path: string,
  name: string,
  report: Report,
): void {
  if (typeof value !== 'number' || (value >= minimum && value <= maximum)) return;
  const field = `${path}/${name}`;
  const allowed = maximum === Infinity ? `${minimum} or more` : `${minimum} to ${maximum}`;
  report(field, {
    code: 'out-of-range',
    message: `${field} must be ${allowed}`,
    got: String(value),
    allowed,
    fix: `set it to ${allowed}`,
  });
}

/** Complains about the fields among `names` of the object at `path` that are below zero. */
export function checkCounts(holder: Data, names: readonly string[], path: string, report: Report): void {
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string;
    if (holder[name] !== undefined) checkBounds(holder[name], 0, Infinity, path, name, report);
  }
}
