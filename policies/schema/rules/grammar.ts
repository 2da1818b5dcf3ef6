/**
 * Single values that must be of some form, said by their place. A tree of places is walked along with the object, so
 * that what is not there costs nothing.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { foundRight, isRight } from '../../../constructs/model/shared';
import { quantityValue } from '../formats';
import { print, step } from '../print';
import { record, type Report, type Rule } from './rule';

/** What one value must be. */
export class Grammar {
  private constructor(
    /** Whether a value is one. What has another type is the schema's business, and fits. */
    readonly fits: (value: unknown) => boolean,
    /** What is, in words. */
    readonly allowed: string,
    /** Code of the problem. */
    readonly code: string,
    /** Whether it must be there. */
    readonly required: boolean,
  ) {}

  /** A text of some form. */
  static text(fits: (text: string) => boolean, allowed: string, code: string): Grammar {
    return new Grammar((value) => typeof value !== 'string' || fits(value), allowed, code, false);
  }

  /** A number within bounds, or an amount such as `100m`. */
  static amount(minimum: number, maximum: number, allowed: string): Grammar {
    const fits = (value: unknown): boolean => {
      const amount = quantityValue(value) ?? minimum;
      return amount >= minimum && amount <= maximum;
    };
    return new Grammar(fits, allowed, 'out-of-range', false);
  }

  /** The same for a field that must be there. */
  needed(): Grammar {
    return new Grammar(this.fits, this.allowed, this.code, true);
  }
}

/** Fields and what they must be; `*` is every element of a list. */
export interface Places {
  readonly [field: string]: Places | Grammar;
}

/** The rule that all values at these places are what they must be. */
export function valuesAt(places: Places): Rule {
  return (object, report) => checkPlaces(object, places, '', report);
}

/** Checks what `value` holds at these places. Paths are put together only where something does not fit. */
export function checkPlaces(value: unknown, places: Places, path: string, report: Report): void {
  if (!fitsPlaces(value, places)) tellMisfits(value, places, path, report);
}

function fitsPlaces(value: unknown, places: Places): boolean {
  if (Array.isArray(value)) return fitsEach(value, places['*']);
  if (typeof value !== 'object' || value === null || isDeferred(value)) return true;
  if (isRight(value, places)) return true;
  for (const name in places) {
    if (name !== '*' && !fitsPlace((value as Fields)[name], places[name])) return false;
  }
  foundRight(value, places);
  return true;
}

function fitsEach(elements: readonly unknown[], place: Places | Grammar | undefined): boolean {
  if (place === undefined) return true;
  for (let index = 0; index < elements.length; index++) if (!fitsPlace(elements[index], place)) return false;
  return true;
}

function fitsPlace(value: unknown, place: Places | Grammar | undefined): boolean {
  if (place instanceof Grammar) return value === undefined || value === null ? !place.required : place.fits(value);
  return value === undefined || value === null || place === undefined || fitsPlaces(value, place);
}

type Fields = Readonly<Record<string, unknown>>;

function tellMisfits(value: unknown, places: Places, path: string, report: Report): void {
  if (Array.isArray(value)) {
    const each = places['*'];
    if (each === undefined) return;
    for (let index = 0; index < value.length; index++) checkPlace(value[index], each, path, index, report);
    return;
  }
  if (typeof value !== 'object' || value === null || isDeferred(value)) return;
  const holder = record(value);
  for (const name in places) {
    const place = places[name];
    if (place !== undefined && name !== '*') checkPlace(holder[name], place, path, name, report);
  }
}

function checkPlace(
  value: unknown,
  place: Places | Grammar,
  path: string,
  name: string | number,
  report: Report,
): void {
  if (value === undefined || value === null) {
    if (place instanceof Grammar && place.required) missing(path, name, place, report);
  } else if (!(place instanceof Grammar)) tellMisfits(value, place, `${path}/${name}`, report);
  else if (!place.fits(value)) {
    const field = path + step(name);
    report(field, {
      code: value === '' ? 'missing-field' : place.code,
      message: `${field} must be ${place.allowed}`,
      got: print(value),
      allowed: place.allowed,
      fix: `make it ${place.allowed}`,
    });
  }
}

function missing(path: string, name: string | number, { allowed }: Grammar, report: Report): void {
  report(path + step(name), {
    code: 'missing-field',
    message: `${path} lacks the required field ${name}`,
    got: 'nothing',
    allowed,
    fix: `add ${name}`,
  });
}
