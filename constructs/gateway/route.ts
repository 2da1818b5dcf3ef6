import type { Duration } from 'cdk8s';
import type { GatewayRouteFacts } from '../derive/gateway/gateway';
import { gatewayHeaders } from '../derive/gateway/headers';
import { LIST, SIZE, kindOf, millisecondsOf, problemsOfKind, problemsOfTime, problemsOfValue, soundOf } from '../kinds';
import type { Problem } from '../model/finding';
import { given } from '../model/given';
import { parseQuantity } from '../model/quantity';
import type { SizeAmount } from '../resources';
import { problemOfChoice, problemOfInteger, unknownProps } from '../values';
import { AUTH, type Auth } from './auth';
import { BackendTls } from './backend-tls';
import { CacheControl } from './cache-control';
import { problemsOfHost, problemsOfPath } from './checks';
import { Cors } from './cors';
import { Deprecation } from './deprecation';
import {
  factsOfChanges,
  factsOfMatch,
  problemsOfChanges,
  problemsOfGiven,
  problemsOfMatch,
  twice,
  type HeaderChanges,
  type HeaderMatch,
} from './headers';
import { RateLimit } from './rate-limit';

/** What a route is told. */
export interface RouteOptions {
  /** Who gets through. A route that is open to anybody says why: `Auth.none('...')`. */
  readonly auth: Auth;
  /** Name of the service's port. @defaultValue its only one */
  readonly port?: string;
  /** Which of the gateway's names leads this way. @defaultValue all that no other route has for itself */
  readonly host?: string;
  /** Methods that go this way; others find no route. @defaultValue all */
  readonly methods?: readonly HttpMethod[];
  /** What stands in place of the path when the service is asked: `/`, `/v2`. @defaultValue the path stays */
  readonly rewrite?: string;
  /** Longest time until the end of the answer. @defaultValue none, which is a warning */
  readonly timeout?: Duration;
  /** Which pages of other sites may call. @defaultValue none */
  readonly cors?: Cors;
  /** How many requests are let through. @defaultValue all */
  readonly rateLimit?: RateLimit;
  /** A header that requests must have, such as that of a version. @defaultValue none */
  readonly when?: HeaderMatch;
  /** What becomes of the headers that the service sees. @defaultValue they stay */
  readonly requestHeaders?: HeaderChanges;
  /** What becomes of the headers that clients see. @defaultValue they stay */
  readonly responseHeaders?: HeaderChanges;
  /** How long clients and caches on the way may keep answers. @defaultValue what the service says */
  readonly cache?: CacheControl;
  /** That the route is about to go, for clients to see. @defaultValue it stays */
  readonly deprecated?: Deprecation;
  /**
   * Largest body of a request, 1 KiB to 64 MiB; a larger one is answered 413. The gateway holds each request back until it
   * has all of it, in its memory: so it is nothing for streams. @defaultValue no limit
   */
  readonly maxRequest?: SizeAmount;
  /** The service answers TLS itself, and is to be known by its certificate. @defaultValue it does not */
  readonly backendTls?: BackendTls;
}

/** A method of HTTP (RFC 9110, section 9; RFC 5789). */
export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

const METHODS: readonly HttpMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** Names of the options, for checks of what nobody reads. */
export const ROUTE_OPTIONS: Readonly<Record<keyof RouteOptions, true>> = {
  auth: true,
  host: true,
  port: true,
  methods: true,
  when: true,
  rewrite: true,
  requestHeaders: true,
  responseHeaders: true,
  cache: true,
  deprecated: true,
  maxRequest: true,
  backendTls: true,
  timeout: true,
  cors: true,
  rateLimit: true,
};

/** Each request of a limited route is held in the memory of the gateway: more than these is no case for one. */
const MOST_BYTES = 64 * 2 ** 20;
const KIBIBYTE = 1024;

/** The values among the options. */
const KINDS = {
  auth: AUTH,
  cors: kindOf(Cors, "Cors.from('https://shop.example.com')"),
  rateLimit: kindOf(RateLimit, 'RateLimit.perClient(10, Duration.seconds(1))'),
  cache: kindOf(CacheControl, 'CacheControl.shared(Duration.minutes(5))'),
  deprecated: kindOf(Deprecation, "Deprecation.since('2026-01-31')"),
  backendTls: kindOf(BackendTls, "BackendTls.wellKnown('orders.example.com')"),
};

const METHOD_LIST = { ...LIST, example: "['GET', 'HEAD']" };

/** A route as facts. */
export function factsOfRoute(path: string, options: RouteOptions): GatewayRouteFacts {
  const { host, port = '', rewrite, timeout, maxRequest } = options;
  return {
    path: String(path),
    port,
    methods: [...methodsOf(options)].sort(),
    ...(authOf(options)?.facts ?? { open: '' }),
    ...factsOfHeaders(options),
    ...given({
      host,
      rewrite,
      timeoutMs: timeout === undefined ? undefined : millisecondsOf(timeout, 0),
      cors: soundOf(options.cors, KINDS.cors)?.facts,
      rateLimit: soundOf(options.rateLimit, KINDS.rateLimit)?.facts,
      maxRequestBytes: bytesOf(maxRequest),
      backendTls: soundOf(options.backendTls, KINDS.backendTls)?.facts,
    }),
  };
}

function bytesOf(size: SizeAmount | undefined): number | undefined {
  const sound = soundOf(size, SIZE);
  return sound && parseQuantity(sound.asString());
}

function factsOfHeaders({ when, requestHeaders, responseHeaders, cache, deprecated }: RouteOptions) {
  return given({
    when: when && factsOfMatch(when),
    requestHeaders: factsOfChanges(requestHeaders),
    responseHeaders: factsOfChanges(responseHeaders),
    cacheControl: soundOf(cache, KINDS.cache)?.facts,
    deprecation: soundOf(deprecated, KINDS.deprecated)?.facts,
  });
}

function methodsOf({ methods }: RouteOptions): readonly HttpMethod[] {
  return (soundOf(methods, METHOD_LIST) ?? []) as readonly HttpMethod[];
}

/** Types want it; a program is loaded without them. */
export function authOf({ auth }: RouteOptions): Auth | undefined {
  return soundOf(auth, KINDS.auth);
}

/** How options of a route are checked. */
export interface RouteChecks {
  /** What is told where they do not say who gets through. */
  readonly silent?: readonly Problem[];
  /** Names that are read. */
  readonly known?: Readonly<Record<string, true>>;
}

/** What is wrong with a route. */
export function problemsOfRoute(
  path: string,
  options: RouteOptions,
  { silent = [noAuth(path)], known = ROUTE_OPTIONS }: RouteChecks = {},
): readonly Problem[] {
  const facts = factsOfRoute(path, options);
  return [
    ...problemsOfPath('path', path),
    ...(options.host === undefined ? [] : problemsOfHost('host', options.host)),
    ...(facts.rewrite === undefined ? [] : problemsOfPath('rewrite', facts.rewrite)),
    ...problemsOfKind('methods', options.methods, METHOD_LIST),
    ...methodsOf(options).flatMap((method) => problemOfChoice('methods', method, METHODS)),
    ...Object.entries(KINDS).flatMap(([name, kind]) =>
      problemsOfValue(name, options[name as keyof typeof KINDS], kind),
    ),
    ...problemsOfTime('timeout', options.timeout),
    ...problemsOfKind('maxRequest', options.maxRequest, SIZE),
    ...problemsOfSize(facts.maxRequestBytes),
    ...(options.when === undefined ? [] : problemsOfMatch('when', options.when)),
    ...problemsOfGiven('requestHeaders', options.requestHeaders),
    ...problemsOfGiven('responseHeaders', options.responseHeaders),
    ...problemsOfHeaders(facts),
    ...((options.auth as Auth | undefined) === undefined ? silent : []),
    ...unknownProps(options, known),
  ];
}

function problemsOfSize(bytes: number | undefined): readonly Problem[] {
  return bytes === undefined ? [] : problemOfInteger('maxRequest (bytes)', bytes, KIBIBYTE, MOST_BYTES);
}

function problemsOfHeaders(facts: GatewayRouteFacts): readonly Problem[] {
  const { requestHeaders, responseHeaders } = facts;
  const own = gatewayHeaders(facts);
  const changed = responseHeaders === undefined ? [] : namesOf(responseHeaders);
  return [
    ...(requestHeaders === undefined ? [] : problemsOfChanges('requestHeaders', requestHeaders)),
    ...(responseHeaders === undefined ? [] : problemsOfChanges('responseHeaders', responseHeaders)),
    ...namesOf(own)
      .filter((name) => changed.includes(name))
      .map((name) => twice('responseHeaders', name)),
  ];
}

function namesOf({ set, add, remove }: ReturnType<typeof gatewayHeaders>): readonly string[] {
  return [...Object.keys(set), ...Object.keys(add), ...remove];
}

function noAuth(path: string): Problem {
  return {
    code: 'no-auth',
    message: `The route ${path} does not say who gets through.`,
    field: 'auth',
    got: 'nothing',
    allowed: 'Auth.jwt({ ... }), Auth.external(...), or Auth.none with a reason',
    fix: "Say it: auth: Auth.none('Monitors outside ask it.').",
  };
}
