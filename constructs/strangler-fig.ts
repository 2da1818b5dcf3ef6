import type { Construct } from 'constructs';
import type { ApiGateway } from './api-gateway';
import type { IEndpoint } from './capabilities';
import { AlsoRoutesTo, type AlsoRoutesFacts } from './derive/gateway/destinations';
import { nameOfMatch, type GatewayRouteFacts } from './derive/gateway/gateway';
import { Strangler, hasLeft, type MoveFacts, type PhaseFacts } from './derive/strangler';
import { bringAlong, leadTo } from './gateway/lead-to';
import { factsOfRoute, problemsOfRoute, type RouteOptions } from './gateway/route';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { declare, relate, report } from './model/recorder';
import type { Phase } from './strangler/phase';

/** What a path is told, beside what holds for all of them. `port` is that of the new service. */
export type MoveOptions = Partial<Omit<RouteOptions, 'rewrite' | 'backendTls'>>;

/**
 * What a strangler fig is told: options of routes hold for each of its paths, unless a path says otherwise. Paths stay as
 * clients ask, since the old and the new one see the same requests. `port` is that of the old one.
 */
export interface StranglerFigProps extends Omit<RouteOptions, 'rewrite' | 'backendTls' | 'methods' | 'when'> {
  /** Through which clients come. */
  readonly gateway: ApiGateway;
  /** What is replaced: a service of the platform, one of the cluster, or a host outside. */
  readonly legacy: IEndpoint;
}

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What the new service gets of a path that the old one answers. */
const ALSO: Readonly<Partial<Record<PhaseFacts['name'], AlsoRoutesFacts['as']>>> = {
  shadow: 'copy',
  weighted: 'share',
};

/**
 * Replaces something old path by path, behind a gateway (Strangler Fig; Martin Fowler, 2004). Each path is in a phase:
 * `facade`, `shadow`, `weighted`, `moved`, `decommissioned`. What is not named goes to the old one.
 *
 * Errors: those of `ApiGateway.route`, and `path-twice`, `path-routed-elsewhere`, `shadow-writes`, `legacy-in-use`,
 * `no-rewrite`, `gateway-cannot`.
 *
 * @example
 * ```ts
 * const edge = new ApiGateway(ordering, 'edge', { hosts: ['api.shop.example.com'] });
 * const legacy = ExternalService.of(shop, 'monolith', { host: 'legacy.example.com' });
 * const auth = Auth.none('The old shop asks for its own cookies.');
 * new StranglerFig(shop, 'checkout', { gateway: edge, legacy, auth, timeout: Duration.seconds(10) })
 *   .moves('/orders', orders, Phase.weighted(Percent.of(30)));
 * ```
 */
export class StranglerFig extends Element {
  readonly #gateway: ApiGateway;
  readonly #legacy: IEndpoint;
  readonly #options: RouteOptions;
  readonly #rest: GatewayRouteFacts;
  readonly #moves: MoveFacts[] = [];

  constructor(scope: Construct, id: string, props: StranglerFigProps) {
    super(scope, id);
    const { gateway, legacy, ...options } = props;
    this.#gateway = gateway;
    this.#legacy = legacy;
    this.#options = options;
    this.#rest = factsOfRoute('/', options);
    for (const problem of [...problemsOfRoute('/', options), ...problemsOfRewrite(options)]) report(this, problem);
    bringAlong(gateway, options);
    this.#declare();
  }

  /**
   * Names a path, the service that it moves to, and how far it is.
   * @param path - `/` or `/cart`, and all below it: whole segments, without a slash at the end
   */
  moves(path: string, service: IEndpoint, phase: Phase, options: MoveOptions = {}): this {
    const { facts: at } = phase;
    const all: RouteOptions = { ...this.#options, port: '', ...options };
    const route = nameOfMatch(factsOfRoute(path, all));
    const problems = [
      ...phase.problems,
      ...problemsOfRewrite(options),
      ...(at.name === 'shadow' && !isSafe(all) ? [writesTwice(route)] : []),
    ];
    for (const problem of problems) report(this, problem);
    if (this.#moves.some((move) => move.route === route)) {
      report(this, twice(route));
      return this;
    }
    this.#moves.push({ path, route, phase: at });
    this.#declare();
    if (hasLeft({ phase: at })) leadTo(this.#gateway, path, service, all);
    else leadTo(this.#gateway, path, this.#legacy, { ...all, port: this.#rest.port });
    const as = ALSO[at.name];
    if (as === undefined) return this;
    const { port = '' } = all;
    relate(AlsoRoutesTo, this.#gateway, service, { route, port, as, percent: at.percent });
    return this;
  }

  #declare(): void {
    const moves = [...this.#moves];
    declare(this, Strangler, { gateway: this.#gateway, legacy: this.#legacy, rest: this.#rest, moves });
  }
}

function isSafe({ methods = [] }: RouteOptions): boolean {
  return methods.length > 0 && methods.every((method) => SAFE.has(method));
}

function problemsOfRewrite(options: object): readonly Problem[] {
  if (!('rewrite' in options)) return [];
  return [
    {
      code: 'no-rewrite',
      message: 'The old and the new one see the same path.',
      field: 'rewrite',
      got: 'a rewrite',
      allowed: 'none while a path moves',
      fix: 'Leave it out; once the path has moved, make it a route of the gateway.',
    },
  ];
}

function twice(route: string): Problem {
  return {
    code: 'path-twice',
    message: `${route} is in two phases.`,
    field: `moves ${route}`,
    got: 'a second statement',
    allowed: 'one phase for each path, or for each of its methods',
    fix: 'Remove one of them.',
  };
}

function writesTwice(route: string): Problem {
  return {
    code: 'shadow-writes',
    severity: 'warning',
    message: `What changes something is done twice: requests of ${route} go to the old and to the new one.`,
    field: `moves ${route}`,
    got: 'methods that change something',
    allowed: 'GET, HEAD, OPTIONS',
    fix: "Give methods: ['GET'], or accept it with why the second time does no harm.",
  };
}
