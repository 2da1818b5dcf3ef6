import type { Construct, IConstruct } from 'constructs';
import { need } from '../../model/back-end';
import { capability } from '../../model/capability';
import { expand, realize, type Build, type Derived } from '../../model/extension';
import type { Part } from '../../model/facet';
import { viewOf, type Graph } from '../../model/graph';
import type { ReleasePrerequisite } from '../../model/prerequisite';
import { relation, type Edge } from '../../model/relation';
import { Calls } from '../calls';
import type { TextPart } from '../pod';
import type { ScaleFacts } from '../scaling';
import type { TrafficPart } from '../traffic';
import type { AuthorizerFacts } from './authorizer-facts';
import type {
  BackendTlsFacts,
  CompressionFacts,
  DeprecationFacts,
  HeaderChangeFacts,
  HeaderMatchFacts,
  TlsFacts,
} from './facts';

/** The way in for clients outside. */
export interface GatewayFacts {
  /** Namespace of its pods: that of its context. */
  readonly namespace: string;
  /** DNS names under which clients reach it; at least one. */
  readonly hosts: readonly string[];
  /** Where its certificate and key are. */
  readonly tls: TlsFacts;
  /** Which answers it compresses. @defaultValue none */
  readonly compression?: CompressionFacts;
  /** How many pods the program wants. @defaultValue by the setting `scale` */
  readonly scale?: ScaleFacts;
}

/** The capability of being a gateway. */
export const Gateway = capability<GatewayFacts>('gateway');

/** Tokens that a route wants (RFC 7519). */
export interface JwtFacts {
  /** Who signs: the claim `iss`. */
  readonly issuer: string;
  /** For whom: one of them has to be in the claim `aud`. */
  readonly audiences: readonly string[];
  /** Where the keys of the issuer are, over https (RFC 7517). */
  readonly jwksUri: string;
  /** Claims and the values of which each must have one. */
  readonly claims: Readonly<Record<string, readonly string[]>>;
}

/** Which other sites' pages may call (Fetch Standard, "CORS protocol"). */
export interface CorsFacts {
  /** Origins: `https://shop.example.com`. */
  readonly origins: readonly string[];
  /** Headers that pages may send besides those that are always allowed. */
  readonly headers: readonly string[];
  /** Whether pages may send cookies. */
  readonly credentials: boolean;
  /** Milliseconds that browsers keep the answer. */
  readonly maxAgeMs: number;
}

/** How many requests are let through. */
export interface RateLimitFacts {
  /** Requests at most in the time. */
  readonly requests: number;
  /** The time, in milliseconds. */
  readonly perMs: number;
  /** Whether each address of a client counts for itself. */
  readonly by: 'client' | 'all';
  /**
   * All pods of the gateway count together, and what becomes of requests while nobody counts.
   * @defaultValue each pod counts for itself
   */
  readonly global?: { readonly whenUnavailable: 'allow' | 'deny' };
}

/** One route: which requests go to which port of a service, and what is asked of them. */
export interface GatewayRouteFacts {
  /** Path, and all below it: `/orders`. */
  readonly path: string;
  /** Name of the callee's port; empty: its only one. */
  readonly port: string;
  /** Methods; empty: all. */
  readonly methods: readonly string[];
  /** Tokens that are wanted; undefined: none, for the reason `open`. */
  readonly jwt?: JwtFacts;
  /** Who is asked about each request; undefined: nobody. */
  readonly authorizer?: AuthorizerFacts;
  /** Why anybody may call. */
  readonly open?: string;
  /** What stands in place of the path: `/`, `/v2`. @defaultValue the path stays */
  readonly rewrite?: string;
  /** Most milliseconds until the end of the answer. @defaultValue none */
  readonly timeoutMs?: number;
  /** Which pages of other sites may call. @defaultValue none */
  readonly cors?: CorsFacts;
  /** How many requests are let through. @defaultValue no limit */
  readonly rateLimit?: RateLimitFacts;
  /** Which of the gateway's names. @defaultValue all that no other route has for itself */
  readonly host?: string;
  /** A header that requests must have. @defaultValue none */
  readonly when?: HeaderMatchFacts;
  /** What becomes of the headers that the service sees. @defaultValue they stay */
  readonly requestHeaders?: HeaderChangeFacts;
  /** What becomes of the headers that clients see. @defaultValue they stay */
  readonly responseHeaders?: HeaderChangeFacts;
  /** How long clients and caches may keep answers: the value of `Cache-Control`. @defaultValue what the service says */
  readonly cacheControl?: string;
  /** That it is about to go. @defaultValue it stays */
  readonly deprecation?: DeprecationFacts;
  /** Most bytes of a request's body. @defaultValue no limit */
  readonly maxRequestBytes?: number;
  /** The service answers TLS itself. @defaultValue it does not */
  readonly backendTls?: BackendTlsFacts;
  /** A strangler fig says where its path is; a route of the same words beside it is another one. @defaultValue false */
  readonly isMoving?: true;
}

/** A gateway leads to an endpoint. */
export const RoutesTo = relation<IConstruct, IConstruct, GatewayRouteFacts>('routes-to', (facts) =>
  facts.isMoving === true ? `${nameOfMatch(facts)} moving` : nameOfMatch(facts),
);

/** Which requests a route takes, in words: `/orders GET POST api-version=2`, `m.shop.example.com/orders`. */
export function nameOfMatch({ host = '', path, methods, when }: GatewayRouteFacts): string {
  return [`${host}${path}`, ...methods, ...(when === undefined ? [] : [`${when.header}=${when.value}`])].join(' ');
}

/** A route of a gateway. */
export type GatewayRoute = Edge<IConstruct, IConstruct, GatewayRouteFacts>;

/** What a gateway may be able to do. */
export type GatewayAbility =
  | 'jwt'
  | 'authorizer'
  | 'rate-limit'
  | 'cors'
  | 'rewrite'
  | 'header-changes'
  | 'caching'
  | 'timeout'
  | 'request-size'
  | 'compression'
  | 'scale'
  | 'outside-host'
  | 'weights'
  | 'mirror'
  | 'backend-tls'
  | 'host-before-path';

/** An object of a gateway that holds the weights of a service in two versions. */
export interface WeightedRoute {
  /** Kind of the Gateway API. */
  readonly kind: 'HTTPRoute' | 'GRPCRoute';
  /** Its namespace: that of the gateway. */
  readonly namespace: string;
  /** Its name. */
  readonly name: string;
}

/** How an environment lets clients in. */
export interface GatewayBackEnd {
  /** As environment files name it: `istio`. */
  readonly name: string;
  /** Whether there are pods that call services. */
  readonly runs: boolean;
  /** What it does. What a route asks for and is not in here becomes a finding. */
  readonly can: ReadonlySet<GatewayAbility>;
  /** What has to run in the cluster, where no mesh brings it. */
  readonly releases: readonly ReleasePrerequisite[];
  /** Declares what the construct is here. */
  realize(construct: Construct, facts: Readonly<GatewayFacts>, build: Build): void;
  /** Its custom resources. */
  objects(graph: Graph): Iterable<Derived>;
  /** Those of them that hold the weights of a service in two versions. @defaultValue the mesh's objects hold them */
  weightedRoutes?(graph: Graph, service: IConstruct): readonly WeightedRoute[];
  /** Labels of its pods. */
  podLabels(graph: Graph): Iterable<Part<TextPart>>;
  /** Annotations of its pods. */
  podAnnotations(graph: Graph): Iterable<Part<TextPart>>;
  /** What services, and its own pods, must admit beside what routes say. */
  trafficIn(graph: Graph): Iterable<Part<TrafficPart>>;
  /** What its pods must open for themselves. */
  trafficOut(graph: Graph): Iterable<Part<TrafficPart>>;
}

/** The need for a way in. */
export const GatewayNeed = need<GatewayBackEnd>('gateway', 'none');

/** Objects of gateways that hold the weights of a service in two versions; none where the mesh's objects hold them. */
export function routesOfGateway(graph: Graph, service: IConstruct): readonly WeightedRoute[] {
  return graph.backEnd(GatewayNeed).weightedRoutes?.(graph, service) ?? [];
}

/** Each gateway is what its environment's back end makes of it. */
export const realizeGateway = realize('gateway', Gateway, (construct, facts, build) => {
  build.backEnd(GatewayNeed).realize(construct, facts, build);
});

/** Where there are pods, a route is a call, too: the way is open for exactly this pair, and the callee knows who calls. */
export const gatewayCalls = expand('gateway.calls', RoutesTo, ({ from, to, facts }, build) => {
  if (build.backEnd(GatewayNeed).runs) build.relate(Calls, from, to, { port: facts.port, env: {} });
});

const inOrder = viewOf('gateway.routes', (graph: Graph, gateway: IConstruct): readonly GatewayRoute[] => {
  const ranked = graph.from(gateway, RoutesTo).map((route) => ({ route, rank: rankOf(route) }));
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ route }) => route);
});

/**
 * Routes in the order in which they are tried: those of one name first, then longer paths, then those of fewer methods,
 * then those that want a header. So whatever takes a part of what another takes comes before it.
 */
export function routesOf(graph: Graph, gateway: IConstruct): readonly GatewayRoute[] {
  return graph.viewOf(inOrder, gateway);
}

function rankOf({ facts }: GatewayRoute): string {
  const { host, path, methods, when } = facts;
  const order = [
    host === undefined ? 1 : 0,
    9999 - path.length,
    path,
    methods.length > 0 ? methods.length : 9,
    when === undefined ? 1 : 0,
  ];
  return [...order.map((part) => String(part).padStart(4, '0')), nameOfMatch(facts)].join(' ');
}

/** Names that one route has to itself: all of their paths, methods and headers. */
export function namesApart(routes: readonly GatewayRoute[]): ReadonlySet<string> {
  const whole = routes.filter(
    ({ facts: { path, methods, when } }) => path === '/' && methods.length + (when ? 1 : 0) === 0,
  );
  return new Set(whole.flatMap(({ facts: { host } }) => host ?? []));
}

/** True where all that one route takes, by its path, is below the path of another. */
export function isBelow(path: string, above: string): boolean {
  return path === above || above === '/' || path.startsWith(`${above}/`);
}

/** True where one of two routes on a path takes all requests that the other takes, whatever their paths. */
export function covers(all: GatewayRouteFacts, part: GatewayRouteFacts): boolean {
  const methods = all.methods.length === 0 || (part.methods.length > 0 && part.methods.every(isIn(all.methods)));
  const { host, when } = all;
  if (!methods || (host !== undefined && host !== part.host)) return false;
  return when === undefined || (when.header === part.when?.header && when.value === part.when.value);
}

/** Those ways that requests of a route can take: where it wants the header of testers, all are theirs or none is. */
export function waysOn<W extends { readonly testers?: HeaderMatchFacts }>(
  { when }: GatewayRouteFacts,
  ways: readonly W[],
): readonly W[] {
  const testers = ways.find((way) => way.testers !== undefined)?.testers;
  if (when === undefined || when.header !== testers?.header) return ways;
  return ways.filter((way) => (way.testers !== undefined) === (when.value === testers.value));
}

/** True where no request has both headers. */
export function exclude(a: HeaderMatchFacts | undefined, b: HeaderMatchFacts | undefined): boolean {
  return a !== undefined && a.header === b?.header && a.value !== b.value;
}

/** True where no request, whatever its path, is taken by both. */
export function areApart(a: GatewayRouteFacts, b: GatewayRouteFacts): boolean {
  const methods = a.methods.length > 0 && b.methods.length > 0 && !a.methods.some(isIn(b.methods));
  const hosts = a.host !== undefined && b.host !== undefined && a.host !== b.host;
  return methods || hosts || exclude(a.when, b.when);
}

function isIn(list: readonly string[]): (one: string) => boolean {
  return (one) => list.includes(one);
}
