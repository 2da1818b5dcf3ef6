import type { Construct, IConstruct } from 'constructs';
import { Asks } from '../derive/gateway/authorizer';
import { RoutesTo } from '../derive/gateway/gateway';
import { LimitsTogether } from '../derive/gateway/limit-service';
import { declare, relate } from '../model/recorder';
import { namespaceOf } from '../namespace';
import { authOf, factsOfRoute, type RouteOptions } from './route';

/** Records a route of a gateway. @param depth - calls between the program and this function: 2 inside a verb */
export function relateRoute(
  gateway: Construct,
  path: string,
  to: IConstruct,
  options: RouteOptions,
  depth: number,
): void {
  bringAlong(gateway, options);
  relate(RoutesTo, gateway, to, factsOfRoute(path, options), depth + 1);
}

/** Records what routes with these options need besides. */
export function bringAlong(gateway: Construct, options: RouteOptions): void {
  if (options.rateLimit?.facts.global !== undefined)
    declare(gateway, LimitsTogether, { namespace: namespaceOf(gateway) });
  const authorizer = authOf(options)?.authorizer;
  if (authorizer !== undefined) relate(Asks, gateway, authorizer.peer, { port: authorizer.port });
}
