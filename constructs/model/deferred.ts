import type { IConstruct } from 'constructs';
import { isDeferred, type Deferrable, type Deferred } from './known-later';
import { recorderOf, report } from './recorder';

export { isDeferred, type Deferrable, type Deferred };

/** What `${output}` writes instead of a value: the text of Output.toString in `@pulumi/pulumi` 3. */
const STRINGIFIED = 'Calling [toString] on an [Output<T>] is not supported';

const TOKEN_START = '<ashlar:';
/** One that was cut matches as well, so that it is noticed. */
const TOKENS = /<ashlar:[^>]*>?/g;
const WHOLE_TOKEN = /^<ashlar:[^>]+>$/;

/** True for a text that is one token and nothing else: it may stand where a number or an object will come. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(TOKEN_START) && WHOLE_TOKEN.test(value);
}

/** The tokens in a text; none in nearly all. */
export function tokensIn(text: string): readonly string[] {
  return text.includes(TOKEN_START) ? (text.match(TOKENS) ?? []) : [];
}

/**
 * A text that may hold a value which is not known yet. A deferred value becomes a token that is a function of its
 * place, survives template literals and JSON, and is found again in the plan.
 * @param field - the prop, as the user wrote it
 */
export function textOf(construct: IConstruct, field: string, value: Deferrable<string>): string {
  if (isDeferred(value)) return tokenFor(construct, field, value);
  if (typeof value === 'string' && value.includes(STRINGIFIED)) {
    report(construct, {
      code: 'stringified-output',
      message: 'An Output was put into a template literal before its value was known.',
      field,
      got: 'the warning text that Pulumi writes instead of the value',
      allowed: 'the Output itself, as the whole prop',
      fix: 'Pass the Output, or build the text with pulumi.interpolate and pass that.',
    });
  }
  return value;
}

/** Plain data in which each deferred value has become a token. */
export function dataOf(construct: IConstruct, field: string, value: unknown): unknown {
  return isKnown(value) ? copyOf(value) : knownLater(construct, field, value);
}

/** True where nothing is to be filled in later, which is nearly always: then no places have to be named. */
function isKnown(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes(STRINGIFIED);
  if (typeof value !== 'object' || value === null) return true;
  if (isDeferred(value)) return false;
  for (const name in value) if (!isKnown((value as Record<string, unknown>)[name])) return false;
  return true;
}

/** What the program does with its own object later changes no fact. */
function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  const copy: Record<string, unknown> = { ...value };
  for (const name in copy) if (typeof copy[name] === 'object') copy[name] = copyOf(copy[name]);
  return copy;
}

function knownLater(construct: IConstruct, field: string, value: unknown): unknown {
  if (typeof value === 'string') return textOf(construct, field, value);
  if (typeof value !== 'object' || value === null) return value;
  if (isDeferred(value)) return tokenFor(construct, field, value);
  if (Array.isArray(value)) return value.map((item, index) => knownLater(construct, `${field}/${index}`, item));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, knownLater(construct, `${field}/${key}`, item)]),
  );
}

function tokenFor(construct: IConstruct, field: string, value: Deferred<unknown>): string {
  const recorder = recorderOf(construct);
  const own = recorder.ownTokens.get(value);
  if (own !== undefined) return own;
  const { path } = construct.node;
  const token = tokenOf(path, field);
  recorder.holes.set(token, { token, path, field, value });
  return token;
}

/** The token of a place: a function of the path of the construct and of the prop, so that it is the same in each run. */
export function tokenOf(path: string, field: string): string {
  return `${TOKEN_START}${path}#${field.replaceAll('>', '%3E')}>`;
}

/**
 * A text with the values of its tokens in their places. Where the text is JSON its tokens stand in its texts, and so
 * does what replaces them: quotes are escaped.
 */
export function filledText(text: string, valueOf: (token: string) => unknown): string {
  const isJson = isJsonText(text);
  return text.replace(TOKENS, (token) => {
    const value = asText(valueOf(token));
    return isJson ? JSON.stringify(value).slice(1, -1) : value;
  });
}

function isJsonText(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Plain data as JSON, with the values of its tokens in their places; one that is a whole text keeps its type. */
export function filledJson(data: unknown, valueOf: (token: string) => unknown): string {
  return JSON.stringify(data, (_key, value: unknown) => {
    if (typeof value !== 'string' || tokensIn(value).length === 0) return value;
    return isToken(value) ? valueOf(value) : filledText(value, valueOf);
  });
}

/** A value as a text among texts: numbers and booleans as they are written, all else as JSON. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** True for plain data that holds a token anywhere. */
export function hasTokens(data: unknown): boolean {
  if (typeof data === 'string') return data.includes(TOKEN_START);
  if (typeof data !== 'object' || data === null) return false;
  for (const name in data) if (hasTokens((data as Readonly<Record<string, unknown>>)[name])) return true;
  return false;
}
