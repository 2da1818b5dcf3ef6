import type { DeprecationFacts, HeaderChangeFacts } from './facts';
import type { GatewayRouteFacts } from './gateway';

const NOTHING: HeaderChangeFacts = { set: {}, add: {}, remove: [] };

/** What a gateway writes into answers by itself: how long they may be kept, and that the route is about to go. */
export function gatewayHeaders({ cacheControl, deprecation }: GatewayRouteFacts): HeaderChangeFacts {
  const links = deprecation === undefined ? [] : linksOf(deprecation);
  return {
    set: {
      ...(cacheControl !== undefined && { 'cache-control': cacheControl }),
      // A date of a structured field (RFC 9651, section 3.3.7).
      ...(deprecation !== undefined && { deprecation: `@${deprecation.since}` }),
      ...(deprecation?.sunset !== undefined && { sunset: new Date(deprecation.sunset * 1000).toUTCString() }),
    },
    add: links.length > 0 ? { link: links.join(', ') } : {},
    remove: [],
  };
}

function linksOf({ link, successor }: DeprecationFacts): readonly string[] {
  return [
    ...(link === undefined ? [] : [`<${link}>; rel="deprecation"; type="text/html"`]),
    ...(successor === undefined ? [] : [`<${successor}>; rel="successor-version"`]),
  ];
}

/** True where answers may be kept for a time: errors may not, so the header is none that every answer has. */
export function isKept({ cacheControl }: GatewayRouteFacts): boolean {
  return cacheControl !== undefined && cacheControl !== 'no-store';
}

/** What becomes of the headers of a route's requests, and of all of its answers. */
export function headerChanges(facts: GatewayRouteFacts): Readonly<Record<'request' | 'response', HeaderChangeFacts>> {
  const { requestHeaders = NOTHING, responseHeaders = NOTHING } = facts;
  const { cacheControl, ...others } = facts;
  const own = gatewayHeaders(isKept(facts) ? others : facts);
  return {
    request: requestHeaders,
    response: {
      set: { ...responseHeaders.set, ...own.set },
      add: { ...responseHeaders.add, ...own.add },
      remove: responseHeaders.remove,
    },
  };
}

/** True where there is nothing to do. */
export function isUnchanged({ set, add, remove }: HeaderChangeFacts): boolean {
  return Object.keys(set).length + Object.keys(add).length + remove.length === 0;
}
