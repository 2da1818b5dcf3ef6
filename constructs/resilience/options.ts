import type { Duration } from 'cdk8s';
import type { ResilienceFacts } from '../derive/resilience/facts';
import type { Problem } from '../model/finding';
import { given } from '../model/given';
import { printed } from '../values';
import type { Bulkhead } from './bulkhead';
import { millisecondsOf, problemsOfTime } from './checks';
import type { CircuitBreaker } from './circuit-breaker';
import type { Failover } from './failover';
import type { Fallback } from './fallback';
import type { LoadBalancing } from './load-balancing';
import type { Retry } from './retry';

/** What a caller asks for between itself and a callee. The mesh of the environment does it, or says that it cannot. */
export interface ResilienceOptions {
  /** Longest time from the request to the end of the answer, all attempts together. @defaultValue none */
  readonly timeout?: Duration;
  /** What is sent again. @defaultValue nothing */
  readonly retry?: Retry;
  /** When an endpoint is left alone. @defaultValue never */
  readonly circuitBreaker?: CircuitBreaker;
  /** How much of each pod of the caller the callee may take up. @defaultValue no limit */
  readonly bulkhead?: Bulkhead;
  /** Which endpoint is asked. @defaultValue by the mesh */
  readonly loadBalancing?: LoadBalancing;
  /** Who answers while others cannot. It needs a circuit breaker that may leave these alone. @defaultValue nobody */
  readonly failover?: Failover;
  /** What the caller goes on with when the call has failed; its library does that. @defaultValue the failure */
  readonly fallback?: Fallback;
  /**
   * Requests may arrive twice: all of them, or these methods of gRPC (`/acme.Payments/Quote`). Without it only the safe
   * methods of HTTP are sent again (GET, HEAD, OPTIONS, TRACE: RFC 9110, section 9.2.1), and gRPC only where nothing has
   * reached the callee. @defaultValue none
   */
  readonly idempotent?: true | readonly string[];
}

/** Names of the options, for checks of what nobody reads. */
export const RESILIENCE_OPTIONS: Readonly<Record<keyof ResilienceOptions, true>> = {
  timeout: true,
  retry: true,
  circuitBreaker: true,
  bulkhead: true,
  loadBalancing: true,
  failover: true,
  fallback: true,
  idempotent: true,
};

/** Full name of a method of gRPC, as it stands in a request's path. */
const METHOD = /^\/[A-Za-z_][\w.]*\/[A-Za-z_]\w*$/;

interface Asked {
  readonly facts: ResilienceFacts | undefined;
  readonly problems: readonly Problem[];
}

const NOTHING: Asked = { facts: undefined, problems: [] };

/** What was asked for as facts, undefined where that is nothing; and what is wrong with it. */
export function resilienceFacts(options: ResilienceOptions): Asked {
  return Object.keys(options).some((name) => name in RESILIENCE_OPTIONS) ? factsOf(options) : NOTHING;
}

function factsOf(options: ResilienceOptions): Asked {
  const { timeout, retry, circuitBreaker, bulkhead, loadBalancing, failover, fallback, idempotent } = options;
  const timeoutMs = timeout === undefined ? undefined : millisecondsOf(timeout);
  const facts = given({
    timeoutMs,
    retry: retry?.facts,
    circuitBreaker: circuitBreaker?.facts,
    bulkhead: bulkhead?.facts,
    loadBalancing: loadBalancing?.facts,
    locality: failover?.locality,
    failover: standbyFacts(failover),
    fallback: fallback?.facts,
    idempotent: inOrder(idempotent),
  });
  const values = [retry, circuitBreaker, bulkhead, loadBalancing, failover, fallback];
  const problems = [
    ...problemsOfTime('timeout', timeoutMs),
    ...values.flatMap((value) => value?.problems ?? []),
    ...problemsOfMethods(idempotent),
    ...problemsOfFailover(failover),
  ];
  return { facts: Object.keys(facts).length === 0 ? undefined : facts, problems };
}

function standbyFacts({ standby }: Partial<Failover> = {}): ResilienceFacts['failover'] {
  return standby && { standby: standby.peer.node.path, port: standby.port };
}

/** Types rule it out where they are checked: `Failover.to(standby)` and no more says nothing yet. */
function problemsOfFailover(failover: Partial<Failover> | undefined): readonly Problem[] {
  if (failover === undefined || failover.standby !== undefined || failover.locality !== undefined) return [];
  return [
    {
      code: 'bad-value',
      message: 'The failover names nobody.',
      field: 'failover',
      got: 'neither a standby nor zones',
      allowed: 'Failover.to(standby).whenUnhealthy(), Failover.zones(), Failover.regions(...)',
      fix: 'Finish the sentence, or leave the failover out.',
    },
  ];
}

function inOrder(idempotent: ResilienceOptions['idempotent']): ResilienceOptions['idempotent'] {
  return idempotent === true || idempotent === undefined ? idempotent : [...idempotent].sort();
}

function problemsOfMethods(idempotent: ResilienceOptions['idempotent']): readonly Problem[] {
  const methods = Array.isArray(idempotent) ? (idempotent as readonly string[]) : [];
  return methods
    .filter((method) => !METHOD.test(method))
    .map((method) => ({
      code: 'bad-name',
      message: `${printed(method)} is no method of gRPC.`,
      field: 'idempotent',
      got: printed(method),
      allowed: 'full names such as /acme.Payments/Quote',
      fix: 'Write the package, the service and the method as in the path of a request.',
    }));
}
