/**
 * What rules are made of. A rule looks at one concern of one object, as plain data that may be malformed in any way:
 * what is malformed was reported already, so a rule steps over it. Rules allocate nothing for an object that is fine
 * but the paths of its containers.
 */
import type { Problem } from '../../../constructs/model/finding';
import { isDeferred } from '../deferred';

/** Any object, as far as a rule knows it. */
export type Data = Readonly<Record<string, unknown>>;

/** What a rule says of a field. */
export type Complaint = Required<Pick<Problem, 'code' | 'message' | 'got' | 'allowed' | 'fix'>> & Pick<Problem, 'severity'>;

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

/** A rule over pod specs, wherever they stand. */
export type PodRule = (spec: Data, path: string, report: Report, context: RuleContext) => void;

/** A rule over containers. */
export type ContainerRule = (container: Data, path: string, report: Report, spec: Data) => void;

const NOTHING: Data = Object.freeze({});
const NONE: readonly unknown[] = Object.freeze([]);

/** The value as an object; an empty one where it is none, or is not known yet. */
export function record(value: unknown): Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isDeferred(value) ? (value as Data) : NOTHING;
}

/** The value as a list; an empty one where it is none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NONE;
}

/** Whether the value is there and known. */
export function isKnown(value: unknown): boolean {
  return value !== undefined && value !== null && !isDeferred(value);
}

/** How many of the fields are there, known or not. */
export function countPresent(value: Data, names: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < names.length; index++) if (value[names[index]!] !== undefined && value[names[index]!] !== null) count++;
  return count;
}

/** Calls `found` with the index of each element whose `key` is a text that an earlier element has too. */
export function eachDuplicate(elements: readonly unknown[], key: string, found: (index: number, value: string) => void): void {
  for (let index = 1; index < elements.length; index++) {
    const value = record(elements[index])[key];
    if (typeof value !== 'string') continue;
    for (let earlier = 0; earlier < index; earlier++) {
      if (record(elements[earlier])[key] === value) {
        found(index, value);
        break;
      }
    }
  }
}

/** Complains about a number outside its bounds; what is no number is the schema's business. */
export function checkBounds(value: unknown, minimum: number, maximum: number, field: string, report: Report): void {
  if (typeof value !== 'number' || (value >= minimum && value <= maximum)) return;
  const allowed = maximum === Infinity ? `${minimum} or more` : `${minimum} to ${maximum}`;
  report(field, { code: 'out-of-range', message: `${field} must be ${allowed}`, got: String(value), allowed, fix: `set it to ${allowed}` });
}
