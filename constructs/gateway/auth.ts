import type { Duration } from 'cdk8s';
import type { IEndpoint } from '../capabilities';
import { ENDPOINT } from '../derive/endpoint';
import type { AuthorizerFacts } from '../derive/gateway/authorizer-facts';
import type { JwtFacts } from '../derive/gateway/gateway';
import type { Problem } from '../model/finding';
import { kindOf, membersOf, millisecondsOf, problemsOfNeeded, problemsOfOptions, problemsOfTime } from '../kinds';
import { saysNothing } from '../model/kind';
import { problemOfChoice, type Checked } from '../values';
import { problemsOfHttps } from './checks';
import { problemsOfName } from './headers';

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

/** How an authorizer is asked. */
export interface ExternalOptions {
  /**
   * `http`: as the request itself, without its body, and it answers 200 (oauth2-proxy). `grpc`: as a message of
   * `envoy.service.auth.v3.Authorization` (OPA with its Envoy plugin).
   */
  readonly protocol: 'http' | 'grpc';
  /** Name of its port. @defaultValue its only one */
  readonly port?: string;
  /** Longest time until it has answered. @defaultValue 200 ms (Envoy 1.40, "External Authorization") */
  readonly timeout?: Duration;
  /**
   * Over `http`, headers of the request that it is shown besides host, method, path, authorization and cookie.
   * @defaultValue none
   */
  readonly sends?: readonly string[];
  /**
   * Headers by which it tells the service who calls: `x-auth-request-email`. Whoever sends them from outside is not
   * believed: the gateway takes them away on all of its routes. @defaultValue none
   */
  readonly passes?: readonly string[];
}

/** Who gets through a route. */
export class Auth implements Checked {
  private constructor(
    /** As facts: the token that is wanted, who is asked, or why anybody may call. */
    readonly facts: { readonly jwt: JwtFacts } | { readonly authorizer: AuthorizerFacts } | { readonly open: string },
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
    /** Who is asked, and on which port. */
    readonly authorizer?: { readonly peer: IEndpoint; readonly port: string },
  ) {}

  /** Who has a token (RFC 7519) in the header Authorization: none is 401, one that does not fit is 401 or 403. */
  static jwt(options: JwtOptions): Auth {
    const { issuer = '', audiences = [], jwksUri = '', claims = {} } = membersOf(options);
    const lists = Object.entries(claims).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]);
    const facts = { issuer, audiences, jwksUri, claims: Object.fromEntries(lists) as JwtFacts['claims'] };
    const empty = [
      ...(issuer === '' ? ['auth.issuer'] : []),
      ...(audiences.length === 0 ? ['auth.audiences'] : []),
      ...lists.filter(([, values]) => values?.length === 0).map(([name]) => `auth.claims.${String(name)}`),
    ];
    const problems = [
      ...problemsOfHttps('auth.jwksUri', jwksUri),
      ...empty.map(nothingGiven),
      ...problemsOfOptions('auth.jwt', options, JWT, "{ issuer: 'https://login.example.com', ... }"),
    ];
    return new Auth({ jwt: facts }, problems);
  }

  /**
   * Whom an authorizer lets in: it is asked about each request before that goes on. What it refuses is answered as it
   * says; while it is away or too slow, nobody gets through, and that is 503.
   * @param peer - a service of the platform; the way to it is opened for the gateway
   */
  static external(peer: IEndpoint, options: ExternalOptions): Auth {
    const said = membersOf(options);
    const { protocol = 'http', port = '', timeout, sends = [], passes = [] } = said;
    const timeoutMs = millisecondsOf(timeout, ASKED_WITHIN_MS);
    const lower = (names: readonly string[]): readonly string[] => names.map((name) => name.toLowerCase());
    const problems = [
      ...problemsOfNeeded('auth.external', peer, ENDPOINT),
      ...problemOfChoice('auth.protocol', said.protocol ?? '', ['http', 'grpc']),
      ...problemsOfTime('auth.timeout', timeout),
      ...lower([...sends, ...passes]).flatMap((name) => problemsOfName('auth.external', name)),
      ...problemsOfOptions('auth.external', options, EXTERNAL, "{ protocol: 'http' }"),
    ];
    if (!ENDPOINT.is(peer)) return new Auth({ open: '' }, problems);
    const { path } = peer.node;
    const authorizer = { path, port, protocol, timeoutMs, sends: lower(sends), passes: lower(passes) };
    return new Auth({ authorizer }, problems, { peer, port });
  }

  /**
   * Anybody.
   * @param reason - why, for the reviewer; not empty
   */
  static none(reason: string): Auth {
    return new Auth({ open: reason }, saysNothing(reason) ? [nothingGiven('auth.none')] : []);
  }
}

/** Those, of whichever copy of the kit. */
export const AUTH = kindOf(Auth, "Auth.jwt({ ... }), or Auth.none('Monitors outside ask it.')");

/** Envoy's own time for a check (Envoy 1.40, `ext_authz.v3.ExtAuthz.grpc_service`). */
const ASKED_WITHIN_MS = 200;

const JWT: Readonly<Record<keyof JwtOptions, true>> = { issuer: true, audiences: true, jwksUri: true, claims: true };

const EXTERNAL: Readonly<Record<keyof ExternalOptions, true>> = {
  protocol: true,
  port: true,
  timeout: true,
  sends: true,
  passes: true,
};

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
