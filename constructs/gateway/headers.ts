import type { HeaderChangeFacts, HeaderMatchFacts } from '../derive/gateway/facts';
import type { Problem } from '../model/finding';
import { membersOf, problemsOfOptions } from '../kinds';
import { printed } from '../values';

/** What becomes of headers. */
export interface HeaderChanges {
  /** Headers that have just this value, whatever came. @defaultValue none */
  readonly set?: Readonly<Record<string, string>>;
  /** Headers that get this value beside those that they have. @defaultValue none */
  readonly add?: Readonly<Record<string, string>>;
  /** Headers that are taken away. @defaultValue none */
  readonly remove?: readonly string[];
}

/** A header that requests must have: `{ header: 'api-version', value: '2' }`. */
export interface HeaderMatch {
  /** Its name, in any case. */
  readonly header: string;
  /** The one value that it must have: letters, digits and `._~+/=;:,-`. */
  readonly value: string;
}

/** A name (RFC 9110, section 5.6.2, `token`). */
const NAME = /^[a-z0-9!#$&'*+.^_`|~-]{1,256}$/;

/** What proxies need for themselves, and what tells requests apart in other ways (RFC 9110, sections 7.2 and 7.6.1). */
const KEPT = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'te',
  'upgrade',
  'uri',
  'scheme',
  'method',
  'authority',
]);

/** A value (RFC 9110, section 5.5), without the sign of percent: proxies would take it for a variable of theirs. */
const VALUE = /^[!-$&-~]([ -$&-~]{0,4094}[!-$&-~])?$/;

/** A value that can be compared wherever it has to be: without the star, which policies take for anything. */
const COMPARED = /^[A-Za-z0-9._~+/=;:,-]{1,256}$/;

/** Changes as facts: names in lower case, as they are compared. */
export function factsOfChanges(changes: HeaderChanges | undefined): HeaderChangeFacts | undefined {
  if (changes === undefined) return undefined;
  const { set = {}, add = {}, remove = [] } = membersOf(changes);
  return { set: lowered(set), add: lowered(add), remove: remove.map((name) => name.toLowerCase()).sort() };
}

function lowered(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

const CHANGES: Readonly<Record<keyof HeaderChanges, true>> = { set: true, add: true, remove: true };

/** Changes that are none, or have members that nobody reads. */
export function problemsOfGiven(field: string, changes: HeaderChanges | undefined): readonly Problem[] {
  return changes === undefined ? [] : problemsOfOptions(field, changes, CHANGES, "{ remove: ['x-debug'] }");
}

/** What is wrong with the headers that are changed. */
export function problemsOfChanges(field: string, changes: HeaderChangeFacts): readonly Problem[] {
  const given = [...Object.entries(changes.set), ...Object.entries(changes.add)];
  const names = [...given.map(([name]) => name), ...changes.remove];
  return [
    ...names.flatMap((name) => problemsOfName(field, name)),
    ...given.filter(([, value]) => !VALUE.test(value)).map(([name, value]) => badValue(`${field}.${name}`, value)),
    ...[...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map((name) => twice(field, name)),
  ];
}

/** A match as facts. */
export function factsOfMatch(match: HeaderMatch): HeaderMatchFacts {
  const { header = '', value = '' } = membersOf(match);
  return { header: String(header).toLowerCase(), value: String(value) };
}

const MATCH: Readonly<Record<keyof HeaderMatch, true>> = { header: true, value: true };

/** What is wrong with a match. */
export function problemsOfMatch(field: string, match: HeaderMatch): readonly Problem[] {
  const wrong = problemsOfOptions(field, match, MATCH, "{ header: 'x-canary', value: 'yes' }");
  const { header, value } = membersOf(match);
  if (wrong.some(({ code }) => code === 'bad-value')) return wrong;
  const isValue = typeof value === 'string' && COMPARED.test(value);
  return [
    ...wrong,
    ...problemsOfName(`${field}.header`, header),
    ...(isValue ? [] : [badValue(`${field}.value`, value, 'a text of letters, digits and ._~+/=;:,- ; no pattern')]),
  ];
}

/** What is wrong with the name of a header, in any case. */
export function problemsOfName(field: string, name: unknown): readonly Problem[] {
  if (typeof name === 'string' && NAME.test(name.toLowerCase()) && !KEPT.has(name.toLowerCase())) return [];
  return [
    {
      code: 'bad-header',
      message: `${printed(name)} is no header that a route may name.`,
      field,
      got: printed(name),
      allowed: `a name such as x-client, and none of ${[...KEPT].join(', ')}`,
      fix: 'Correct the name, or leave it out.',
    },
  ];
}

function badValue(field: string, value: unknown, allowed = 'visible characters and inner spaces, but no %'): Problem {
  return {
    code: 'bad-header',
    message: `${field} has no value that a header can have here.`,
    field,
    got: printed(value),
    allowed,
    fix: 'Correct the value.',
  };
}

/** One header that two statements want to change. */
export function twice(field: string, name: string): Problem {
  return {
    code: 'header-twice',
    message: `Two statements of one route change the header ${name}.`,
    field,
    got: name,
    allowed: 'one of set, add and remove, and none of them for what the gateway writes by itself',
    fix: 'Keep one of them.',
  };
}
