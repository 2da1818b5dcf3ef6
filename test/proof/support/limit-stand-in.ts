import { serveGrpc, type StandIn } from './grpc-stand-in';
import { messagesIn, readMessage, textIn, writeMessage } from './protobuf';

/** A node of the file of the service. */
export interface LimitNode {
  readonly key: string;
  readonly value?: string;
  readonly rate_limit?: { readonly unit: string; readonly requests_per_unit: number };
  readonly descriptors?: readonly LimitNode[];
}

/** The file of the service. */
export interface LimitFile {
  readonly domain: string;
  readonly descriptors: readonly LimitNode[];
}

/** A service that counts by a file, as the real one does, but never begins anew. */
export interface LimitStandIn extends StandIn {
  /** What it was asked: `edge.shop route=/orders remote_address=127.0.0.1`. */
  readonly asked: string[];
}

/** Answers of Envoy's rate limit service (envoy/service/ratelimit/v3/rls.proto, `RateLimitResponse.Code`). */
const CODES = { ok: 1, overLimit: 2 } as const;

/** Speaks `envoy.service.ratelimit.v3.RateLimitService`. */
export async function limitStandIn(file: LimitFile): Promise<LimitStandIn> {
  const asked: string[] = [];
  const counts = new Map<string, number>();
  const standIn = await serveGrpc('/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit', (bytes) => {
    const request = readMessage(bytes);
    const domain = textIn(request, 1);
    const codes = messagesIn(request, 2).map((descriptor) => {
      const entries = messagesIn(descriptor, 1).map((entry) => [textIn(entry, 1), textIn(entry, 2)] as const);
      const name = [domain, ...entries.map((entry) => entry.join('='))].join(' ');
      asked.push(name);
      const most = domain === file.domain ? limitOf(file.descriptors, entries) : undefined;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return count > (most ?? Infinity) ? CODES.overLimit : CODES.ok;
    });
    const overall = codes.includes(CODES.overLimit) ? CODES.overLimit : CODES.ok;
    return writeMessage([1, overall], ...codes.map((code) => [2, writeMessage([1, code])] as const));
  });
  return { ...standIn, asked };
}

/** What the file says of a descriptor: entry by entry, the value that is named or any. */
function limitOf(
  nodes: readonly LimitNode[],
  [entry, ...rest]: readonly (readonly [string, string])[],
): number | undefined {
  const [key, value] = entry ?? [];
  const node =
    nodes.find((one) => one.key === key && one.value === value) ??
    nodes.find((one) => one.key === key && one.value === undefined);
  return rest.length === 0 ? node?.rate_limit?.requests_per_unit : limitOf(node?.descriptors ?? [], rest);
}
