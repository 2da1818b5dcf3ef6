import type { IConstruct } from 'constructs';
import { rule, type RuleFinding } from '../../model/extension';
import type { Graph } from '../../model/graph';
import { Calls } from '../calls';
import type { PortFacts } from '../endpoint';
import { cannot } from './cannot';
import { conditionsOf, hasRequests, isConditionOf, NOT_SENT } from './conditions';
import type { ResilienceFacts } from './facts';
import { graphRules } from './graph-rules';
import { endsOf } from './routes';

interface Asked {
  readonly from: IConstruct;
  readonly to: IConstruct;
  readonly port: PortFacts;
  readonly resilience: ResilienceFacts;
  readonly at: string;
}

/** Calls that ask for something. */
function* asked(graph: Graph): Iterable<Asked> {
  for (const call of graph.all(Calls)) {
    const { resilience } = call.facts;
    const port = resilience === undefined ? undefined : endsOf(graph, call)?.port;
    if (resilience === undefined || port === undefined) continue;
    yield { from: call.from, to: call.to, port, resilience, at: `${call.source.by} at ${call.source.at}` };
  }
}

/** What cannot be between the two of a call, whatever the mesh. */
const perCall = rule('resilience', function* (graph): Iterable<RuleFinding> {
  for (const call of asked(graph)) {
    yield* wrongProtocol(call);
    yield* cutOff(call);
    yield* notIdempotent(call);
  }
});

function* wrongProtocol(call: Asked): Iterable<RuleFinding> {
  const { from, port, resilience, at } = call;
  const problem = { at: from, code: 'wrong-protocol', fix: 'Correct it, or the protocol of the port.' };
  for (const [field, allowed] of strangers(call)) {
    yield {
      ...problem,
      message: `${field} does not exist for ${port.protocol}.`,
      field,
      got: `${port.name} speaks ${port.protocol}, ${at}`,
      allowed,
    };
  }
  if (!hasRequests(port.protocol)) return;
  const unknown = (resilience.retry?.on ?? []).filter((condition) => !isConditionOf(port.protocol, condition));
  if (unknown.length === 0) return;
  yield {
    ...problem,
    message: `What happens in another protocol is no reason to send ${port.protocol} again.`,
    field: 'retry.on',
    got: `${unknown.join(', ')}, ${at}`,
    allowed: conditionsOf(port.protocol).join(', '),
  };
}

/** Options that the protocol of the port does not know, and where they would be right. */
function strangers({ port, resilience }: Asked): readonly (readonly [field: string, allowed: string])[] {
  const { retry, timeoutMs, idempotent, loadBalancing } = resilience;
  const methods: readonly (readonly [string, string])[] =
    Array.isArray(idempotent) && port.protocol !== 'grpc'
      ? [['idempotent', 'true; methods are named for gRPC only']]
      : [];
  if (hasRequests(port.protocol)) return methods;
  const byRequest = loadBalancing !== undefined && ('header' in loadBalancing || 'cookie' in loadBalancing);
  const ofRequests = Object.entries({ timeout: timeoutMs, retry, loadBalancing: byRequest ? true : undefined });
  const wrong = ofRequests.filter(([, value]) => value !== undefined);
  return [...wrong.map(([field]) => [field, 'HTTP and gRPC'] as const), ...methods];
}

function* cutOff({ from, resilience, at }: Asked): Iterable<RuleFinding> {
  const { retry, timeoutMs } = resilience;
  if (retry?.perTryMs === undefined || timeoutMs === undefined || retry.perTryMs < timeoutMs) return;
  yield {
    at: from,
    code: 'per-try-above-timeout',
    message: 'The first attempt may take all of the time, so that nothing is ever sent again.',
    field: 'retry.perTry',
    got: `${retry.perTryMs} ms of ${timeoutMs} ms, ${at}`,
    allowed: `less than ${timeoutMs} ms`,
    fix: 'Lower perTry, or raise the timeout.',
  };
}

function* notIdempotent({ from, port, resilience, at }: Asked): Iterable<RuleFinding> {
  const { retry, idempotent } = resilience;
  if (retry === undefined || idempotent !== undefined || port.protocol !== 'grpc') return;
  const unsafe = retry.on.filter((condition) => !NOT_SENT.has(condition) && isConditionOf('grpc', condition));
  if (unsafe.length === 0) return;
  yield {
    at: from,
    code: 'retry-not-idempotent',
    severity: 'warning',
    message: 'The callee may have done the work already, so it is not sent again.',
    field: 'retry.on',
    got: `${unsafe.join(', ')}, ${at}`,
    allowed: `${[...NOT_SENT].join(', ')}; more for methods that may arrive twice`,
    fix: "Name those methods: idempotent: ['/acme.Payments/Quote'].",
  };
}

/** What is wrong with what calls ask for. */
export const resilienceRules = [cannot, perCall, ...graphRules];
