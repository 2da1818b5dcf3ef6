import type { Derived } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { envoyFilter, insertFilter, onRoute, typed } from './envoy-filter';
import type { CompressionFacts } from './facts';
import { Gateway, routesOf, type GatewayRoute } from './gateway';

const BUFFER = 'envoy.filters.http.buffer';
const BUFFER_TYPE = 'envoy.extensions.filters.http.buffer.v3';

type Limited = GatewayRoute & { readonly facts: { readonly maxRequestBytes: number } };

/** Bodies of requests that are too large, and of answers that are compressed (Envoy 1.40, "Buffer", "Compressor"). */
export function* bodies(graph: Graph): Iterable<Derived> {
  for (const { construct, facts } of graph.having(Gateway)) {
    const limited = routesOf(graph, construct).filter((one): one is Limited => one.facts.maxRequestBytes !== undefined);
    const patches = [
      ...(facts.compression === undefined ? [] : [insertFilter(compressor(facts.compression))]),
      ...(limited.length === 0 ? [] : [insertFilter(BUFFERING), ...limited.map(sizeOf)]),
    ];
    if (patches.length === 0) continue;
    yield {
      scope: construct,
      sources: limited.map(({ source }) => source),
      manifest: envoyFilter(construct, facts, 'bodies', patches),
    };
  }
}

/** Off, unless a route turns it on; its own number is never used, but has to be there. */
const BUFFERING = {
  name: BUFFER,
  disabled: true,
  typed_config: typed(`${BUFFER_TYPE}.Buffer`, { max_request_bytes: 1 }),
};

function sizeOf(route: Limited): object {
  const buffer = { max_request_bytes: route.facts.maxRequestBytes };
  return onRoute(route, BUFFER, typed(`${BUFFER_TYPE}.BufferPerRoute`, { buffer }));
}

function compressor({ minBytes, types }: CompressionFacts): object {
  const gzip = { '@type': 'type.googleapis.com/envoy.extensions.compression.gzip.compressor.v3.Gzip' };
  return {
    name: 'envoy.filters.http.compressor',
    typed_config: typed('envoy.extensions.filters.http.compressor.v3.Compressor', {
      response_direction_config: { common_config: { min_content_length: minBytes, content_type: types } },
      compressor_library: { name: 'gzip', typed_config: gzip },
    }),
  };
}
