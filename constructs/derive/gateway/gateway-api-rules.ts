import type { SplitFacts } from '../endpoint';
import { durationOf } from '../mesh/istio/durations';
import type { HeaderChangeFacts, HeaderMatchFacts } from './facts';
import { waysOn, type CorsFacts, type GatewayRouteFacts, type WeightedRoute } from './gateway';
import type { Led, LedTo } from './gateway-api-led';
import { headerChanges, isUnchanged } from './headers';

/** One rule of a route object, and what made it. */
export interface RenderedRule {
  readonly led: Led;
  readonly rule: object;
  /** A controller moves the weights in it. */
  readonly isMoved: boolean;
}

/** A service of gRPC and one of its methods, as paths are (gRPC over HTTP/2, "Requests"). */
const GRPC_PATH = /^\/([A-Za-z_][\w.]*)?(?:\/([A-Za-z_]\w*))?$/;

/** Kind of a gateway's routes. A name is served by one kind only (GEP-1016, "Cross Serving"). */
export function kindOfRoutes(led: readonly Led[]): WeightedRoute['kind'] {
  return led.length > 0 && led.every(speaksOnlyGrpc) ? 'GRPCRoute' : 'HTTPRoute';
}

/** True where a route fits into a GRPCRoute, which has no times and no paths to rewrite. */
function speaksOnlyGrpc({ all, route: { facts } }: Led): boolean {
  const { path, methods, rewrite, timeoutMs, cors } = facts;
  const asked = [rewrite, timeoutMs, cors].filter((value) => value !== undefined);
  return (
    all.every(({ port }) => port.protocol === 'grpc') &&
    GRPC_PATH.test(path) &&
    methods.length === 0 &&
    asked.length === 0
  );
}

/** Rules of GRPCRoutes. */
export function grpcRules(all: readonly Led[], namespace: string): readonly RenderedRule[] {
  return all.flatMap((led) => {
    const { path, when } = led.route.facts;
    const [, service, method] = GRPC_PATH.exec(path) ?? [];
    const named = service === undefined ? {} : { method: { service, ...(method !== undefined && { method }) } };
    const filters = [...headerFilters(led.route.facts), ...mirrorFilters(led, namespace)];
    return waysOf(led, namespace).map(({ testers, backendRefs, isMoved }) => {
      const match = { ...named, ...renderWhen(when, testers) };
      const rule = {
        ...(Object.keys(match).length > 0 && { matches: [match] }),
        ...(filters.length > 0 && { filters }),
        backendRefs,
      };
      return { led, rule, isMoved };
    });
  });
}

/** Rules of HTTPRoutes. Each match stands once, at the first route that has it: of two alike, nobody says which wins. */
export function httpRules(all: readonly Led[], namespace: string): readonly RenderedRule[] {
  const taken = new Set<string>();
  return all.flatMap((led) => {
    return waysOf(led, namespace).flatMap((way) => {
      const matches = matchesOf(led.route.facts, way.testers).filter((match) => {
        const key = JSON.stringify([led.route.facts.host, match]);
        return taken.has(key) ? false : taken.add(key);
      });
      const { rewrite } = led.route.facts;
      // What takes the place of a path is said for one path only.
      const groups = rewrite === undefined ? [matches] : matches.map((match) => [match]);
      return groups
        .filter(({ length }) => length > 0)
        .map((some) => ({ led, rule: renderHttp(led, some, way, namespace), isMoved: way.isMoved }));
    });
  });
}

function matchesOf(
  { path: value, methods, when, cors }: GatewayRouteFacts,
  testers: HeaderMatchFacts | undefined,
): readonly object[] {
  const path = { type: 'PathPrefix', value };
  const common = { path, ...renderWhen(when, testers) };
  if (methods.length === 0) return [common];
  // Browsers ask with OPTIONS, and without the headers that they ask about.
  const first =
    cors === undefined || methods.includes('OPTIONS') || testers !== undefined ? [] : [{ path, method: 'OPTIONS' }];
  return [...methods.map((method) => ({ ...common, method })), ...first];
}

function renderWhen(...headers: readonly (HeaderMatchFacts | undefined)[]): object {
  const asked = new Map(headers.flatMap((one) => (one === undefined ? [] : [[one.header, one]])));
  if (asked.size === 0) return {};
  return { headers: [...asked.values()].map(({ header: name, value }) => ({ type: 'Exact', name, value })) };
}

function renderHttp(led: Led, matches: readonly object[], { backendRefs }: Way, namespace: string): object {
  const { timeoutMs, rewrite, cors } = led.route.facts;
  const path = { type: 'ReplacePrefixMatch', replacePrefixMatch: rewrite };
  const filters = [
    ...(rewrite === undefined ? [] : [{ type: 'URLRewrite', urlRewrite: { path } }]),
    ...headerFilters(led.route.facts),
    ...(cors === undefined ? [] : [{ type: 'CORS', cors: renderCors(cors, led.route.facts) }]),
    ...mirrorFilters(led, namespace),
  ];
  return {
    matches,
    ...(filters.length > 0 && { filters }),
    backendRefs,
    ...(timeoutMs !== undefined && { timeouts: { request: durationOf(timeoutMs) } }),
  };
}

function renderCors({ origins, headers, credentials, maxAgeMs }: CorsFacts, { methods }: GatewayRouteFacts): object {
  return {
    allowOrigins: origins,
    allowMethods: methods.length > 0 ? methods : ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    ...(headers.length > 0 && { allowHeaders: headers }),
    allowCredentials: credentials,
    maxAge: Math.max(1, Math.round(maxAgeMs / 1000)),
  };
}

function headerFilters(facts: GatewayRouteFacts): readonly object[] {
  const { request, response } = headerChanges(facts);
  return [
    ...(isUnchanged(request) ? [] : [{ type: 'RequestHeaderModifier', requestHeaderModifier: renderChanges(request) }]),
    ...(isUnchanged(response)
      ? []
      : [{ type: 'ResponseHeaderModifier', responseHeaderModifier: renderChanges(response) }]),
  ];
}

function renderChanges({ set, add, remove }: HeaderChangeFacts): object {
  const listed = (headers: Readonly<Record<string, string>>) =>
    Object.entries(headers).map(([name, value]) => ({ name, value }));
  return {
    ...(Object.keys(set).length > 0 && { set: listed(set) }),
    ...(Object.keys(add).length > 0 && { add: listed(add) }),
    ...(remove.length > 0 && { remove }),
  };
}

/** One way of the requests of a route. */
interface Way {
  /** Whose requests take it. @defaultValue all that no other way takes */
  readonly testers?: HeaderMatchFacts;
  readonly backendRefs: readonly object[];
  readonly isMoved: boolean;
}

/** The ways of a route's requests. Of a service in two versions testers have one of their own, in front. */
function waysOf(led: Led, namespace: string): readonly Way[] {
  const { split, testers, service } = led;
  const to = (name: string): object => backendOf({ ...led, service: { ...service, name } }, namespace);
  const shared: Way =
    split === undefined
      ? { backendRefs: backendsOf(led, namespace), isMoved: false }
      : { backendRefs: weighed(split, to), isMoved: split.percent === undefined };
  if (testers === undefined) return [shared];
  return waysOn(led.route.facts, [{ testers, backendRefs: [to(testers.service)], isMoved: false }, shared]);
}

function weighed({ stable, canary, percent = 0 }: SplitFacts, to: (name: string) => object): readonly object[] {
  return [
    { ...to(stable), weight: 100 - percent },
    { ...to(canary), weight: percent },
  ];
}

/** Who answers, each with its share. */
function backendsOf({ all }: Led, namespace: string): readonly object[] {
  const shares = all.filter(({ destination }) => destination.as === 'share');
  return shares.map((to) => ({
    ...backendOf(to, namespace),
    ...(shares.length > 1 && { weight: to.destination.percent }),
  }));
}

/** Who gets copies (Gateway API 1.6, `HTTPRequestMirrorFilter`, extended support). */
function mirrorFilters({ all }: Led, namespace: string): readonly object[] {
  return all
    .filter(({ destination }) => destination.as === 'copy')
    .map((to) => {
      const { percent } = to.destination;
      const backendRef = backendOf(to, namespace);
      return { type: 'RequestMirror', requestMirror: { backendRef, ...(percent < 100 && { percent }) } };
    });
}

function backendOf({ service, port }: LedTo, namespace: string): object {
  const { name } = service;
  return { name, port: port.number, ...(service.namespace !== namespace && { namespace: service.namespace }) };
}
