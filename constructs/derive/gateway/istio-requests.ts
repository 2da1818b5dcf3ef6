import { byText } from '../../model/order';
import { areApart, covers, isBelow, type GatewayRoute } from './gateway';

/** Port on which the process takes requests. */
export const HTTPS = '8443';

/** Requests, as a rule of an AuthorizationPolicy says them (Istio API 1.31, `Rule`). */
export interface Requests {
  readonly to: readonly object[];
  readonly when: readonly object[];
}

/** What requests of a part of the paths must not be: of these methods, or with these values of headers. */
interface Rest {
  readonly notMethods: readonly string[];
  readonly notHosts: readonly string[];
  readonly notValues: Readonly<Record<string, readonly string[]>>;
}

/**
 * The requests that find a route: those of its path, methods and header, without all that finds a route before it. Policies
 * do not know routes, so each of them says it anew.
 */
export function requestsOf(route: GatewayRoute, all: readonly GatewayRoute[]): readonly Requests[] {
  const before = all.slice(0, all.indexOf(route)).filter(({ facts }) => !areApart(facts, route.facts));
  const paths = [...new Set([route, ...before].map(({ facts }) => facts.path))].filter((path) =>
    isBelow(path, route.facts.path),
  );
  const requests = paths.sort(byText).flatMap((path) => {
    const below = paths.filter((other) => other !== path && isBelow(other, path));
    const earlier = before.filter(({ facts }) => isBelow(path, facts.path));
    return restsOf(route, earlier).map((rest) => renderRest(route, path, below, rest));
  });
  const plain = requests.filter(({ when }) => when.length === 0);
  const others = requests.filter(({ when }) => when.length > 0);
  return plain.length === 0 ? others : [{ to: plain.flatMap(({ to }) => to), when: [] }, ...others];
}

/** What is left of a route: for each earlier one, requests of other methods than it takes, or with another header. */
function restsOf(route: GatewayRoute, earlier: readonly GatewayRoute[]): readonly Rest[] {
  if (earlier.some(({ facts }) => covers(facts, route.facts))) return [];
  let rests: readonly Rest[] = [{ notMethods: [], notHosts: [], notValues: {} }];
  for (const { facts } of earlier) {
    const { host, methods, when } = facts;
    const without = (rest: Rest): readonly Rest[] => [
      ...(methods.length === 0 ? [] : [{ ...rest, notMethods: union(rest.notMethods, methods) }]),
      ...(host === undefined || host === route.facts.host ? [] : [{ ...rest, notHosts: union(rest.notHosts, [host]) }]),
      ...(when === undefined || when.header === route.facts.when?.header
        ? []
        : [withoutValue(rest, when.header, when.value)]),
    ];
    rests = distinct(rests.flatMap(without));
  }
  return rests.filter(({ notMethods }) => route.facts.methods.length === 0 || isMore(route.facts.methods, notMethods));
}

function withoutValue(rest: Rest, header: string, value: string): Rest {
  return { ...rest, notValues: { ...rest.notValues, [header]: union(rest.notValues[header] ?? [], [value]) } };
}

function union(some: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...some, ...more])].sort(byText);
}

function isMore(methods: readonly string[], than: readonly string[]): boolean {
  return methods.some((method) => !than.includes(method));
}

function distinct(rests: readonly Rest[]): readonly Rest[] {
  return [...new Map(rests.map((rest) => [JSON.stringify(rest), rest])).values()];
}

function renderRest(route: GatewayRoute, path: string, below: readonly string[], rest: Rest): Requests {
  const { host, methods, when } = route.facts;
  const { notMethods, notHosts, notValues } = rest;
  const left = methods.filter((method) => !notMethods.includes(method));
  const operation = {
    // Named, since without a port a rule would refuse all of plain TCP, too; on the other there are only redirects.
    ports: [HTTPS],
    ...(host !== undefined && { hosts: withPorts(host) }),
    ...(notHosts.length > 0 && { notHosts: notHosts.flatMap(withPorts) }),
    paths: pathsOf(path),
    ...(below.length > 0 && { notPaths: below.flatMap(pathsOf) }),
    ...(left.length > 0 && { methods: left }),
    ...(methods.length === 0 && notMethods.length > 0 && { notMethods }),
  };
  const conditions = [
    ...(when === undefined ? [] : [{ key: keyOf(when.header), values: [when.value] }]),
    ...Object.entries(notValues).map(([header, values]) => ({ key: keyOf(header), notValues: values })),
  ];
  return { to: [{ operation }], when: conditions };
}

/** A name as clients send it, with a port or without; policies compare it in any case. */
function withPorts(host: string): readonly string[] {
  return [host, `${host}:*`];
}

function keyOf(header: string): string {
  return `request.headers[${header}]`;
}

function pathsOf(path: string): readonly string[] {
  return path === '/' ? ['/*'] : [path, `${path}/*`];
}
