import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { GATEWAY, type ApiGateway } from './api-gateway';
import { Frontend } from './derive/frontend';
import type { Auth } from './gateway/auth';
import type { Cors } from './gateway/cors';
import { leadTo } from './gateway/lead-to';
import type { RateLimit } from './gateway/rate-limit';
import { problemsOfRoute } from './gateway/route';
import { problemsOfNeeded, soundOf } from './kinds';
import { Microservice, type MicroserviceProps } from './microservice';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { declare, report } from './model/recorder';

/** Kinds of clients that have names; others are told in a word. */
export type ClientKind = 'web' | 'mobile' | 'iot' | 'partner' | (string & Record<never, never>);

/** What a backend for a frontend is told, besides what every service is. */
export interface BackendForFrontendProps extends MicroserviceProps {
  /** Who calls it: `mobile`. A DNS label. */
  readonly client: ClientKind;
  /** The gateway through which they come. */
  readonly gateway: ApiGateway;
  /** A name of its own, which the gateway gets besides those that it has. @defaultValue none; then it has a path */
  readonly host?: string;
  /** A path of its own. @defaultValue `/` where it has a name of its own */
  readonly path?: string;
  /** Which of its ports they reach. @defaultValue its only one */
  readonly entry?: string;
  /** Who gets through. */
  readonly auth: Auth;
  /** Longest time until the end of an answer. @defaultValue none, which is a warning */
  readonly timeout?: Duration;
  /** How many requests are let through. @defaultValue all */
  readonly rateLimit?: RateLimit;
  /** Which pages of other sites may call. @defaultValue none */
  readonly cors?: Cors;
}

/**
 * A service for one kind of client (Backends For Frontends; S. Newman, "Building Microservices", 2nd edition, chapter 14):
 * it gathers and shapes what that client shows, so that others need not follow its screens. It has a name or a path of its
 * own at a gateway, its own limits and authentication, and reaches the services that it calls, and no others.
 *
 * Errors: `frontend-without-place`, `frontend-twice`, `frontend-called`, `frontend-owns-data`, `bad-client`, and those of
 * a route: `bad-host`, `bad-path`, `no-auth`, `route-shadowed`, `route-without-timeout`, `unknown-port`.
 *
 * @example
 * ```ts
 * const edge = new ApiGateway(ordering, 'edge', { hosts: ['api.shop.example.com'] });
 * const mobile = new BackendForFrontend(ordering, 'mobile-bff', {
 *   client: 'mobile',
 *   gateway: edge,
 *   host: 'm.shop.example.com',
 *   auth: Auth.none('Visitors look around without an account.'),
 *   timeout: Duration.seconds(2),
 *   image: 'ghcr.io/acme/mobile-bff:1.0.0',
 *   ports: { http: 8080 },
 * });
 * mobile.calls(orders, { env: 'ORDERS_ADDR', timeout: Duration.seconds(1) });
 * ```
 */
export class BackendForFrontend extends Microservice {
  constructor(scope: Construct, id: string, props: BackendForFrontendProps) {
    const { client, gateway, host, path, entry, auth, timeout, rateLimit, cors, ...service } = props;
    super(scope, id, service);
    const route = { auth, ...given({ host, port: entry, timeout, rateLimit, cors }) };
    const edge = soundOf(gateway, GATEWAY);
    const ofRoute = edge === undefined ? problemsOfRoute(path ?? '/', route) : [];
    const problems = [...problemsOfNeeded('gateway', gateway, GATEWAY), ...problemsOf(props), ...ofRoute];
    for (const problem of problems) report(this, problem);
    if (edge === undefined) return;
    declare(this, Frontend, { client, gateway: edge.node.path, host: host ?? '' });
    if (host !== undefined) edge.addHost(host);
    leadTo(edge, path ?? '/', this, route);
  }
}

/** A DNS label (RFC 1123, section 2.1). */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function problemsOf({ client, host, path }: BackendForFrontendProps): readonly Problem[] {
  return [
    ...(LABEL.test(client) ? [] : [badClient(client)]),
    ...(host === undefined && path === undefined ? [NO_PLACE] : []),
  ];
}

function badClient(client: string): Problem {
  return {
    code: 'bad-client',
    message: 'A kind of client is one word.',
    field: 'client',
    got: JSON.stringify(client),
    allowed: 'web, mobile, iot, partner, or another DNS label',
    fix: 'Name it in a-z, 0-9 and hyphens.',
  };
}

const NO_PLACE: Problem = {
  code: 'frontend-without-place',
  message: 'Clients do not know how to reach it.',
  field: 'host',
  got: 'neither a host nor a path',
  allowed: 'a host, a path, or both',
  fix: "Give host: 'm.shop.example.com', or path: '/mobile'.",
};
