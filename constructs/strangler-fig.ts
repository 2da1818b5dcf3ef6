import type { Construct } from 'constructs';
import { GATEWAY, type ApiGateway } from './api-gateway';
import type { IEndpoint } from './capabilities';
import { ENDPOINT } from './derive/endpoint';
import { AlsoRoutesTo, type AlsoRoutesFacts } from './derive/gateway/destinations';
import { nameOfMatch, type GatewayRouteFacts } from './derive/gateway/gateway';
import { Strangler, hasLeft, type MoveFacts, type PhaseFacts } from './derive/strangler';
import { bringAlong, leadTo } from './gateway/lead-to';
import { ROUTE_OPTIONS, factsOfRoute, problemsOfRoute, type RouteChecks, type RouteOptions } from './gateway/route';
import {
  kindOf,
  membersOf,
  objectLike,
  problemsOfKind,
  problemsOfNeeded,
  problemsOfNeededValue,
  soundOf,
} from './kinds';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { declare, relate, report } from './model/recorder';
import { calledAt, type Source } from './model/source';
import { tellProps, type Needs } from './props';
import { Phase } from './strangler/phase';

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
 * Errors: those of `ApiGateway.route`, and `bad-value`, `path-twice`, `path-routed-elsewhere`, `shadow-writes`, `legacy-in-use`,
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
  readonly #gateway: ApiGateway | undefined;
  readonly #legacy: IEndpoint | undefined;
  readonly #options: RouteOptions;
  readonly #rest: GatewayRouteFacts;
  readonly #told: ReadonlySet<string>;
  readonly #moves: MoveFacts[] = [];

  constructor(scope: Construct, id: string, props: StranglerFigProps) {
    super(scope, id);
    const { gateway, legacy, ...said } = membersOf(props);
    const options = said as RouteOptions;
    this.#gateway = soundOf(gateway, GATEWAY);
    this.#legacy = soundOf(legacy, ENDPOINT);
    this.#options = options;
    this.#rest = factsOfRoute('/', options);
    const silent = noAuth(calledAt('StranglerFig', this.node.path, calledAt, 2));
    const problems = [
      ...problemsOfNeeded('gateway', gateway, GATEWAY),
      ...problemsOfNeeded('legacy', legacy, ENDPOINT),
      ...problemsOfMoving('/', options, { silent, known: PROPS }),
    ];
    if (!tellProps(this, props, NEEDS)) for (const problem of problems) report(this, problem);
    this.#told = new Set(problems.map(keyOf));
    if (this.#gateway !== undefined) bringAlong(this.#gateway, options);
    this.#declare();
  }

  /**
   * Names a path, the service that it moves to, and how far it is.
   * @param path - `/` or `/cart`, and all below it: whole segments, without a slash at the end
   */
  moves(path: string, service: IEndpoint, phase: Phase, options: MoveOptions = {}): this {
    const all: RouteOptions = { ...this.#options, port: '', ...given(membersOf(options)) };
    const route = nameOfMatch(factsOfRoute(path, all));
    const at = this.#checked({ path, route, service, phase, options }, all);
    if (at === undefined) return this;
    this.#moves.push({ path, route, phase: at });
    this.#declare();
    const [gateway, legacy] = [this.#gateway, this.#legacy];
    if (gateway === undefined || legacy === undefined) return this;
    if (hasLeft({ phase: at })) leadTo(gateway, path, service, all, [], { isMoving: true });
    else leadTo(gateway, path, legacy, { ...all, port: this.#rest.port }, [], { isMoving: true });
    const as = ALSO[at.name];
    if (as === undefined) return this;
    const { port = '' } = all;
    relate(AlsoRoutesTo, gateway, service, { route, port, as, percent: at.percent });
    return this;
  }

  /** Reports what is wrong with a move; its phase where it can be made all the same. */
  #checked({ path, route, service, phase, options }: Move, all: RouteOptions): PhaseFacts | undefined {
    const at = membersOf(soundOf(phase, PHASE)).facts;
    const ofRoute = problemsOfMoving(path, all, { silent: [], known: MOVE_OPTIONS });
    const problems = [
      ...problemsOfNeeded('service', service, ENDPOINT),
      ...(service === this.#legacy && this.#legacy !== undefined ? [toLegacy(this.#legacy)] : []),
      ...problemsOfNeededValue('phase', phase, PHASE),
      ...problemsOfKind('options', options, objectLike("{ methods: ['GET'] }")),
      ...ofRoute.filter((problem) => !this.#told.has(keyOf(problem))),
    ];
    for (const problem of problems) report(this, { ...problem, field: `moves ${route}: ${problem.field ?? ''}` });
    if (at?.name === 'shadow' && !isSafe(all)) report(this, writesTwice(route));
    if (!this.#moves.some((move) => move.route === route)) return ENDPOINT.is(service) ? at : undefined;
    report(this, twice(route));
    return undefined;
  }

  #declare(): void {
    const [gateway, legacy] = [this.#gateway, this.#legacy];
    if (gateway === undefined || legacy === undefined) return;
    declare(this, Strangler, { gateway, legacy, rest: this.#rest, moves: [...this.#moves] });
  }
}

interface Move {
  readonly path: string;
  readonly route: string;
  readonly service: IEndpoint;
  readonly phase: Phase;
  readonly options: MoveOptions;
}

const NO_OPTIONS: ReadonlySet<string> = new Set(['rewrite', 'backendTls']);
const MOVE_OPTIONS: Readonly<Record<string, true>> = Object.fromEntries(
  Object.entries(ROUTE_OPTIONS).filter(([name]) => !NO_OPTIONS.has(name)),
);
const PROPS = { gateway: true, legacy: true, ...MOVE_OPTIONS } as const;
const NEEDS: Needs<StranglerFigProps> = {
  needed: ['gateway', 'legacy', 'auth'],
  example: "{ gateway: edge, legacy: oldShop, auth: Auth.none('Visitors look around without an account.') }",
  instead: {},
};
const PHASE = kindOf(Phase, 'Phase.weighted(Percent.of(30))');

/** What tells a problem of the whole from one that a path adds. */
function keyOf({ code, field = '', got = '' }: Problem): string {
  return [code, field, got].join('\n');
}

function noAuth({ at }: Source): readonly Problem[] {
  return [
    {
      code: 'no-auth',
      message: 'The strangler fig does not say who gets through its paths.',
      field: 'auth',
      got: `nothing at ${at}`,
      allowed: 'Auth.jwt({ ... }), Auth.external(...), or Auth.none with a reason',
      fix: "Say it once, for all of its paths: new StranglerFig(..., { ..., auth: Auth.none('The old shop asks.') }).",
    },
  ];
}

function isSafe({ methods = [] }: RouteOptions): boolean {
  return methods.length > 0 && methods.every((method) => SAFE.has(method));
}

/** What is wrong with the options of a path, or of all of them. A rewrite is told as such, whatever it is. */
function problemsOfMoving(path: string, options: RouteOptions, checks: RouteChecks): readonly Problem[] {
  const others = problemsOfRoute(path, options, checks).filter(({ field }) => field !== 'rewrite');
  return 'rewrite' in options ? [...others, NO_REWRITE] : others;
}

const NO_REWRITE: Problem = {
  code: 'no-rewrite',
  message: 'The old and the new one see the same path.',
  field: 'rewrite',
  got: 'a rewrite',
  allowed: 'none while a path moves',
  fix: 'Leave it out; once the path has moved, make it a route of the gateway.',
};

function toLegacy({ node }: IEndpoint): Problem {
  return {
    code: 'bad-value',
    message: 'The path moves to what it moves away from.',
    field: 'service',
    got: `${node.path}, which is the legacy`,
    allowed: 'another service',
    fix: 'Name the new service; a path that stays needs no phase.',
  };
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
