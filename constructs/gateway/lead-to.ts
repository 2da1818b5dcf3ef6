import type { Construct } from 'constructs';
import type { IEndpoint } from '../capabilities';
import { Asks } from '../derive/gateway/authorizer';
import { ENDPOINT } from '../derive/endpoint';
import { RoutesTo, type GatewayRouteFacts } from '../derive/gateway/gateway';
import { LimitsTogether } from '../derive/gateway/limit-service';
import { problemsOfNeeded } from '../kinds';
import type { Problem } from '../model/finding';
import { declare, relate, report } from '../model/recorder';
import { namespaceOf } from '../namespace';
import { authOf, factsOfRoute, problemsOfRoute, type RouteOptions } from './route';

/** Calls between the program and what records an edge: this function, and the verb or constructor that calls it. */
const FRAMES = 3;

/**
 * Records a route of a gateway. To be called by what the program calls, so that the program's line is told.
 * @param problems - what is wrong with it, where that is not told elsewhere
 * @param more - facts that no option says
 */
export function leadTo(
  gateway: Construct,
  path: string,
  service: IEndpoint,
  options: RouteOptions,
  problems: readonly Problem[] = problemsOfRoute(path, options),
  more: Pick<GatewayRouteFacts, 'isMoving'> = {},
): void {
  const wrong = problemsOfNeeded(`route ${path}: service`, service, ENDPOINT);
  for (const problem of [...wrong, ...problems]) report(gateway, problem);
  if (wrong.length > 0) return;
  bringAlong(gateway, options, FRAMES + 1);
  relate(RoutesTo, gateway, service, { ...factsOfRoute(path, options), ...more }, FRAMES);
}

/** Records what routes with these options need besides. */
export function bringAlong(gateway: Construct, options: RouteOptions, frames = FRAMES): void {
  if (factsOfRoute('/', options).rateLimit?.global !== undefined)
    declare(gateway, LimitsTogether, { namespace: namespaceOf(gateway) });
  const authorizer = authOf(options)?.authorizer;
  if (authorizer !== undefined) relate(Asks, gateway, authorizer.peer, { port: authorizer.port }, frames);
}
