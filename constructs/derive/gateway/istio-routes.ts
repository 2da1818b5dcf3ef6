import type { IConstruct } from 'constructs';
import type { Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { madePart } from '../../model/source';
import { durationOf } from '../mesh/istio/durations';
import { istioObject } from '../mesh/istio/objects';
import { meshHostOf } from '../mesh/istio/hosts';
import { renderHeader, waysTo, type Way } from '../mesh/istio/versions';
import { isUnasked } from './authorizer';
import { destinationsOf, reachedBy, type Reached } from './destinations';
import type { HeaderChangeFacts } from './facts';
import {
  Gateway,
  nameOfMatch,
  routesOf,
  waysOn,
  type CorsFacts,
  type GatewayFacts,
  type GatewayRoute,
  type GatewayRouteFacts,
} from './gateway';
import { headerChanges, isUnchanged } from './headers';

/** Servers and routes of each gateway (Istio API 1.31, networking.istio.io/v1 Gateway and VirtualService). */
export function* gatewayRoutes(graph: Graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Gateway)) {
    const { namespace, hosts } = facts;
    const { id: name } = construct.node;
    const at = { name, namespace, of: name };
    yield {
      scope: construct,
      manifest: istioObject('networking', 'Gateway', construct, at, renderServers(construct, facts)),
    };
    const routes = routesOf(graph, construct);
    const http = routes.flatMap((route) => renderRoute(graph, route));
    if (http.length === 0) continue;
    yield {
      scope: construct,
      sources: routes.map((route) => madePart(`http ${blockName(route)}`, route.source)),
      manifest: istioObject('networking', 'VirtualService', construct, at, {
        hosts,
        gateways: [name],
        exportTo: ['.'],
        http,
      }),
    };
  }
}

function renderServers({ node }: IConstruct, { hosts, tls }: Readonly<GatewayFacts>): object {
  return {
    selector: { 'app.kubernetes.io/name': node.id },
    servers: [
      { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts, tls: { httpsRedirect: true } },
      {
        port: { number: 443, name: 'https', protocol: 'HTTPS' },
        hosts,
        tls: { mode: 'SIMPLE', credentialName: tls.secret, minProtocolVersion: 'TLSV1_2' },
      },
    ],
  };
}

/** Name of the block of a route, unlike that of any other: `orders:/orders:POST`. Filters find it by that. */
export function blockName({ to, facts }: GatewayRoute): string {
  return [to.node.id, ...nameOfMatch(facts).split(' ')].join(':');
}

/** Names of all blocks of a route: what browsers ask before, who has no token, and its own. */
export function blockNames(route: GatewayRoute): readonly string[] {
  const name = blockName(route);
  const { cors, jwt } = route.facts;
  return [
    ...(cors === undefined ? [] : [`${name}:preflight`]),
    ...(jwt === undefined ? [] : [`${name}:no-token`]),
    name,
  ];
}

function renderRoute(graph: Graph, route: GatewayRoute): readonly object[] {
  const { facts } = route;
  const [own, ...more] = destinationsOf(graph, route).map((destination) => reachedBy(graph, destination));
  if (own === undefined) return [];
  const reached = [own, ...more.filter((one) => one !== undefined)] as const;
  const match = matchOf(route);
  if (isUnasked(graph, route)) return [{ name: blockName(route), match: [match], directResponse: { status: 503 } }];
  const cors = facts.cors === undefined ? {} : { corsPolicy: renderCors(facts.cors, facts.methods) };
  const block = {
    name: blockName(route),
    match: [match],
    ...(facts.rewrite !== undefined && { rewrite: { uriRegexRewrite: renderRewrite(facts.path, facts.rewrite) } }),
    ...(facts.timeoutMs !== undefined && { timeout: durationOf(facts.timeoutMs) }),
    retries: { attempts: 0 },
    ...renderHeaders(facts),
    ...cors,
  };
  // Of one name, as limits are told from it.
  const blocks = waysOn(facts, waysOf(graph, reached)).map(({ testers, to }) => ({
    ...block,
    match: [testers === undefined ? match : { ...match, headers: { ...match.headers, ...renderHeader(testers) } }],
    ...to,
  }));
  const last = blocks.at(-1) ?? block;
  const first = facts.cors === undefined ? [] : [preflight(last, facts, facts.cors)];
  if (facts.jwt === undefined) return [...first, ...blocks];
  // A policy answers 403. Who has said nothing of himself yet is to be told 401 (RFC 9110, section 15.5.2).
  return [
    ...first,
    {
      name: `${block.name}:no-token`,
      match: [{ ...match, withoutHeaders: { authorization: {} } }],
      directResponse: { status: 401 },
      headers: { response: { set: { 'www-authenticate': 'Bearer' } } },
    },
    ...blocks,
  ];
}

/**
 * Who answers, each with its share, and who gets copies. Whoever is outside knows the name by which it is called, and not
 * that of the gateway (RFC 9110, section 7.2).
 */
function waysOf(graph: Graph, reached: readonly [Reached, ...Reached[]]): readonly Way[] {
  const [{ destination, endpoint, port }, ...more] = reached;
  if (more.length === 0 && 'service' in endpoint.host) return waysTo(graph, destination.to, port.number);
  return [{ suffix: '', to: renderDestinations(graph, reached) }];
}

function renderDestinations(graph: Graph, reached: readonly Reached[]): object {
  const shares = reached.filter(({ destination }) => destination.as === 'share');
  const copies = reached.filter(({ destination }) => destination.as === 'copy');
  const render = ({ endpoint, port }: Reached) => ({
    destination: { host: meshHostOf(graph, endpoint), port: { number: port.number } },
  });
  return {
    route: shares.map((one) => ({
      ...render(one),
      ...(shares.length > 1 && { weight: one.destination.percent }),
      ...('name' in one.endpoint.host && { headers: { request: { set: { host: one.endpoint.host.name } } } }),
    })),
    ...(copies.length > 0 && {
      mirrors: copies.map((one) => ({ ...render(one), percentage: { value: one.destination.percent } })),
    }),
  };
}

/**
 * What browsers ask before, without a token: only of declared origins, since only to them the proxy answers by itself;
 * everything else would go on to the service.
 */
function preflight(
  block: { readonly name: string },
  { path, host }: GatewayRouteFacts,
  { origins }: CorsFacts,
): object {
  const asks = { 'access-control-request-method': { regex: '.+' } };
  const match = origins.map((exact) => ({
    uri: uriOf(path),
    ...authorityOf(host),
    method: { exact: 'OPTIONS' },
    headers: { origin: { exact }, ...asks },
  }));
  return { ...block, name: `${block.name}:preflight`, match };
}

interface Match {
  readonly uri: object;
  readonly method?: object;
  readonly headers?: object;
}

function matchOf({ facts }: GatewayRoute): Match {
  const { host, path, methods, when } = facts;
  return {
    uri: uriOf(path),
    ...authorityOf(host),
    ...(methods.length > 0 && { method: { regex: methods.join('|') } }),
    ...(when !== undefined && { headers: renderHeader(when) }),
  };
}

/** A name in any case and with any port, as policies take it, too: what one of both took otherwise would be a way around. */
function authorityOf(host: string | undefined): object {
  return host === undefined ? {} : { authority: { regex: `(?i)${escaped(host)}(:.*)?` } };
}

function renderHeaders(facts: GatewayRouteFacts): object {
  const { request, response } = headerChanges(facts);
  const changes = { ...renderChanges('request', request), ...renderChanges('response', response) };
  return Object.keys(changes).length > 0 ? { headers: changes } : {};
}

function renderChanges(side: string, changes: HeaderChangeFacts): object {
  if (isUnchanged(changes)) return {};
  const { set, add, remove } = changes;
  return {
    [side]: {
      ...(Object.keys(set).length > 0 && { set }),
      ...(Object.keys(add).length > 0 && { add }),
      ...(remove.length > 0 && { remove }),
    },
  };
}

/**
 * The path itself and what is below it, never what only begins alike. One match, since each match of a block would have a
 * limit of its own.
 */
function uriOf(path: string): object {
  return path === '/' ? { prefix: '/' } : { regex: `${escaped(path)}(/.*)?` };
}

/** A text as a regular expression of RE2 that matches just it. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function renderCors({ origins, headers, credentials, maxAgeMs }: CorsFacts, methods: readonly string[]): object {
  return {
    allowOrigins: origins.map((exact) => ({ exact })),
    allowMethods: methods.length > 0 ? methods : ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    ...(headers.length > 0 && { allowHeaders: headers }),
    allowCredentials: credentials,
    maxAge: durationOf(maxAgeMs),
  };
}

/** As a regular expression of RE2. What comes in begins with the path, at the end of a segment. */
function renderRewrite(path: string, target: string): object {
  const start = escaped(path);
  if (path === '/') return { match: '^/(.*)$', rewrite: `${target === '/' ? '' : target}/\\1` };
  if (target === '/') return { match: `^${start}/?(.*)$`, rewrite: '/\\1' };
  return { match: `^${start}(.*)$`, rewrite: `${target}\\1` };
}
