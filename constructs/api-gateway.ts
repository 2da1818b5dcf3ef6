import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import type { IEndpoint } from './capabilities';
import { Asks } from './derive/gateway/authorizer';
import { Gateway, RoutesTo, type GatewayRouteFacts } from './derive/gateway/gateway';
import { LimitsTogether } from './derive/gateway/limit-service';
import type { Auth } from './gateway/auth';
import { problemsOfHost, problemsOfPath } from './gateway/checks';
import type { Cors } from './gateway/cors';
import type { RateLimit } from './gateway/rate-limit';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { declare, relate, report } from './model/recorder';
import { namespaceOf } from './namespace';
import { millisecondsOf, problemsOfTime } from './resilience/checks';
import type { Scale } from './scale';
import { problemOfChoice, unknownProps } from './values';

/** What a gateway is told. */
export interface ApiGatewayProps {
  /** DNS names under which clients reach it; at least one. No two gateways share one. */
  readonly hosts: readonly string[];
  /**
   * Name of the Secret with its certificate and key, of the type `kubernetes.io/tls`, in the namespace of the context.
   * @defaultValue the id and `-tls`
   */
  readonly tlsSecret?: string;
  /** How many pods. @defaultValue by the setting `scale` */
  readonly scale?: Scale;
}

/** What a route is told. */
export interface RouteOptions {
  /** Who gets through. A route that is open to anybody says why: `Auth.none('...')`. */
  readonly auth: Auth;
  /** Name of the service's port. @defaultValue its only one */
  readonly port?: string;
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
}

/** A method of HTTP (RFC 9110, section 9; RFC 5789). */
export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

const METHODS: readonly HttpMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const PROPS: Readonly<Record<keyof ApiGatewayProps, true>> = { hosts: true, tlsSecret: true, scale: true };
const ROUTE: Readonly<Record<keyof RouteOptions, true>> = {
  auth: true,
  port: true,
  methods: true,
  rewrite: true,
  timeout: true,
  cors: true,
  rateLimit: true,
};

/**
 * The way in for clients outside (API gateway): one address, TLS, and for each route who gets through, how often, and
 * how long it may take. Plain HTTP is sent on to HTTPS. The environment chooses who does it: `istio`, or `none`.
 *
 * Errors: `bad-host`, `bad-path`, `not-https`, `no-auth`, `host-taken`, `route-shadowed`, `route-without-timeout`,
 * `unknown-port`.
 *
 * @example
 * ```ts
 * const edge = new ApiGateway(ordering, 'edge', { hosts: ['api.shop.example.com'] });
 * edge.route('/health', orders, { auth: Auth.none('Monitors outside ask it.'), timeout: Duration.seconds(1) });
 * ```
 */
export class ApiGateway extends Element {
  constructor(scope: Construct, id: string, props: ApiGatewayProps) {
    super(scope, id);
    const { hosts, tlsSecret = `${id}-tls`, scale } = props;
    const problems = [
      ...hosts.flatMap((host) => problemsOfHost('hosts', host)),
      ...(hosts.length === 0 ? problemsOfHost('hosts', '') : []),
      ...(scale?.problems ?? []),
      ...unknownProps(props, PROPS),
    ];
    for (const problem of problems) report(this, problem);
    declare(this, Gateway, { namespace: namespaceOf(this), hosts, tlsSecret, ...given({ scale: scale?.facts }) });
  }

  /**
   * Leads a path, and all below it, to a service.
   * @param path - `/` or `/orders`: whole segments, without a slash at the end
   */
  route(path: string, service: IEndpoint, options: RouteOptions): this {
    for (const problem of problemsOfRoute(path, options)) report(this, problem);
    if (options.rateLimit?.facts.global !== undefined) declare(this, LimitsTogether, { namespace: namespaceOf(this) });
    const authorizer = authOf(options)?.authorizer;
    if (authorizer !== undefined) relate(Asks, this, authorizer.peer, { port: authorizer.port });
    relate(RoutesTo, this, service, routeFacts(path, options));
    return this;
  }
}

function routeFacts(path: string, options: RouteOptions): GatewayRouteFacts {
  const { port = '', methods = [], rewrite, timeout, cors, rateLimit } = options;
  const timeoutMs = timeout === undefined ? undefined : millisecondsOf(timeout);
  return {
    path,
    port,
    methods: [...methods].sort(),
    ...(authOf(options)?.facts ?? { open: '' }),
    ...given({ rewrite, timeoutMs, cors: cors?.facts, rateLimit: rateLimit?.facts }),
  };
}

/** Types want it; a program is loaded without them. */
function authOf({ auth }: RouteOptions): Auth | undefined {
  return auth;
}

function problemsOfRoute(path: string, options: RouteOptions): readonly Problem[] {
  const { methods = [], rewrite, timeout, cors, rateLimit } = options;
  const auth = authOf(options);
  return [
    ...(auth === undefined ? [noAuth(path)] : []),
    ...(timeout === undefined ? [] : problemsOfTime('timeout', millisecondsOf(timeout))),
    ...problemsOfPath('path', path),
    ...(rewrite === undefined ? [] : problemsOfPath('rewrite', rewrite)),
    ...methods.flatMap((method) => problemOfChoice('methods', method, METHODS)),
    ...[auth, cors, rateLimit].flatMap((value) => value?.problems ?? []),
    ...unknownProps(options, ROUTE),
  ];
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
