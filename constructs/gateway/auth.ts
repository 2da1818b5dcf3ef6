import type { JwtFacts } from '../derive/gateway/gateway';
import type { Problem } from '../model/finding';
import type { Checked } from '../values';
import { problemsOfHttps } from './checks';

/** Which tokens a route takes. */
export interface JwtOptions {
  /** Who signs them: the claim `iss`. */
  readonly issuer: string;
  /** For whom they are: one of these in the claim `aud`. At least one. */
  readonly audiences: readonly string[];
  /** Where the issuer's keys are: `https://login.example.com/keys`. */
  readonly jwksUri: string;
  /** Claims, each with the value, or one of the values, that it must have: `{ scope: 'orders' }`. @defaultValue none */
  readonly claims?: Readonly<Record<string, string | readonly string[]>>;
}

/** Who gets through a route. */
export class Auth implements Checked {
  private constructor(
    /** As facts: the token that is wanted, or why none is. */
    readonly facts: { readonly jwt: JwtFacts } | { readonly open: string },
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** Who has a token (RFC 7519) in the header Authorization: none is 401, one that does not fit is 401 or 403. */
  static jwt({ issuer, audiences, jwksUri, claims = {} }: JwtOptions): Auth {
    const lists = Object.entries(claims).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]);
    const facts = { issuer, audiences, jwksUri, claims: Object.fromEntries(lists) as JwtFacts['claims'] };
    const empty = [
      ...(issuer === '' ? ['auth.issuer'] : []),
      ...(audiences.length === 0 ? ['auth.audiences'] : []),
      ...lists.filter(([, values]) => values?.length === 0).map(([name]) => `auth.claims.${String(name)}`),
    ];
    return new Auth({ jwt: facts }, [...problemsOfHttps('auth.jwksUri', jwksUri), ...empty.map(nothingGiven)]);
  }

  /**
   * Anybody.
   * @param reason - why, for the reviewer; not empty
   */
  static none(reason: string): Auth {
    return new Auth({ open: reason }, reason.trim() === '' ? [nothingGiven('auth.none')] : []);
  }
}

function nothingGiven(field: string): Problem {
  return {
    code: 'nothing-given',
    message: `${field} is empty.`,
    field,
    got: 'nothing',
    allowed: 'at least one value',
    fix: 'Give it; without it anybody would get through.',
  };
}
