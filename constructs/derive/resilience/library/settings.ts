import type { IConstruct } from 'constructs';
import { given } from '../../../model/given';
import { view, type Graph } from '../../../model/graph';
import type { Source } from '../../../model/source';
import { portOfCall } from '../../calls';
import { Endpoint } from '../../endpoint';
import type { PortFacts } from '../../endpoint';
import { ClientLibrary, type ClientLibraryName } from '../client-library';
import type { ResilienceFacts, RetryFacts } from '../facts';
import { retryBlocks, type RequestMatch } from '../retry-blocks';
import { shares } from '../shares';

/** What of a call is left to the caller. */
export interface LibraryCall extends Omit<ResilienceFacts, 'retry' | 'idempotent' | 'locality'> {
  /** Each with the requests that it is for; a request that no block is for is not sent again. */
  readonly retry?: readonly LibraryRetry[];
}

/** What is sent again of some requests. */
export interface LibraryRetry extends RetryFacts {
  /** Which requests. @defaultValue all of them */
  readonly only?: RequestMatch;
}

/** What a caller's library is told. */
export interface LibrarySettings {
  readonly library: Exclude<ClientLibraryName, 'none'>;
  /** By callee and port: `billing-payments-grpc`. */
  readonly calls: Readonly<Record<string, LibraryCall>>;
  readonly sources: readonly Source[];
}

interface Building {
  readonly library: LibrarySettings['library'];
  readonly calls: Record<string, LibraryCall>;
  readonly sources: Source[];
}

/** What is left to each caller that has a library. */
export const librarySettings = view('resilience.library', (graph: Graph): ReadonlyMap<IConstruct, LibrarySettings> => {
  const all = new Map<IConstruct, Building>();
  for (const [{ from, to, facts, source }, { rest }] of graph.view(shares)) {
    const port = portOfCall(graph.facts(to, Endpoint), facts);
    if (port === undefined || Object.keys(rest).length === 0) continue;
    const library = graph.setting(ClientLibrary, from);
    if (library === 'none') continue;
    let settings = all.get(from);
    if (settings === undefined) all.set(from, (settings = { library, calls: {}, sources: [] }));
    settings.calls[nameOf(to, port)] = callOf(rest, port);
    settings.sources.push(source);
  }
  return all;
});

/** `billing-payments-grpc` */
function nameOf({ node }: IConstruct, { name }: PortFacts): string {
  return [...node.path.split('/').slice(1), name].join('-');
}

function callOf({ retry, idempotent, ...others }: ResilienceFacts, { protocol }: PortFacts): LibraryCall {
  const blocks = retryBlocks(retry, idempotent, protocol).flatMap(({ retry: again, only }) =>
    again === undefined ? [] : [{ ...again, ...given({ only }) }],
  );
  return { ...others, ...(blocks.length > 0 && { retry: blocks }) };
}
