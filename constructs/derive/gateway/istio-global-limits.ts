import type { Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { Endpoint } from '../endpoint';
import { envoyFilter, grpcService, insertFilter, onBlock, typed } from './envoy-filter';
import { blockName } from './istio-routes';
import {
  LIMIT_PORT,
  LimitService,
  descriptorOf,
  domainOf,
  limitedTogether,
  type LimitedTogether,
} from './limit-service';

const TYPE = 'envoy.extensions.filters.http.ratelimit.v3.RateLimit';
const FILTER = 'envoy.filters.http.ratelimit';

/** After the limits that each pod keeps: what those refuse is not counted. */
const PRIORITY = 11;

/** Time to be answered. Envoy's own 20 ms pass in any pause of the service, or of its Redis. */
const ANSWER_WITHIN = '0.1s';

/** What becomes of requests that nobody counts is said of a filter as a whole, so there is one for each answer. */
const STAGES = { allow: 0, deny: 1 } as const;

type Stage = keyof typeof STAGES;

/**
 * Limits that all pods of a gateway keep together (Envoy 1.40, "Global rate limiting"): filters that ask the service, and
 * what each route says of its requests.
 */
export function* globalLimits(graph: Graph): Iterable<Derived> {
  for (const { construct: service, facts } of graph.having(LimitService)) {
    const { gateway, namespace } = facts;
    const endpoint = graph.facts(service, Endpoint);
    const routes = limitedTogether(graph, gateway);
    if (endpoint === undefined || routes.length === 0) continue;
    const asked = grpcService(graph, endpoint, LIMIT_PORT.number);
    const stages = [...new Set(routes.map(stageOf))].sort();
    const filters = stages.map((stage) => filterOf(stage, domainOf(namespace, gateway), asked));
    const patches = [...filters, ...routes.map(actionsOf)];
    yield {
      scope: gateway,
      sources: routes.map(({ source }) => source),
      manifest: envoyFilter(gateway, { namespace }, 'global-limits', patches, PRIORITY),
    };
  }
}

function stageOf({ facts }: LimitedTogether): Stage {
  return facts.rateLimit.global.whenUnavailable;
}

function filterOf(stage: Stage, domain: string, service: object): object {
  const config = {
    domain,
    stage: STAGES[stage],
    timeout: ANSWER_WITHIN,
    failure_mode_deny: stage === 'deny',
    ...(stage === 'deny' && { status_on_error: { code: 503 } }),
    rate_limit_service: { transport_api_version: 'V3', grpc_service: service },
  };
  return insertFilter({ name: stage === 'allow' ? FILTER : `${FILTER}.${stage}`, typed_config: typed(TYPE, config) });
}

function actionsOf(route: LimitedTogether): object {
  const { key, value } = descriptorOf(route);
  const actions = [
    { generic_key: { descriptor_key: key, descriptor_value: value } },
    ...(route.facts.rateLimit.by === 'client' ? [{ remote_address: {} }] : []),
  ];
  return onBlock(blockName(route), { route: { rate_limits: [{ stage: STAGES[stageOf(route)], actions }] } });
}
