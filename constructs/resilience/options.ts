import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { IEndpoint } from '../capabilities';
import type { ResilienceFacts } from '../derive/resilience/facts';
import type { Problem } from '../model/finding';
import { given } from '../model/given';
import {
  LIST,
  kindOf,
  membersOf,
  millisecondsOf,
  problemsOfKind,
  problemsOfTime,
  problemsOfValue,
  soundOf,
} from '../kinds';
import { printed } from '../values';
import { BULKHEAD, type Bulkhead } from './bulkhead';
import { CircuitBreaker } from './circuit-breaker';
import { Failover } from './failover';
import { Fallback } from './fallback';
import { LoadBalancing } from './load-balancing';
import { Retry } from './retry';

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

/** The values among the options. */
const KINDS = {
  retry: kindOf(Retry, 'Retry.attempts(2)'),
  circuitBreaker: kindOf(CircuitBreaker, 'CircuitBreaker.consecutiveErrors(5)'),
  bulkhead: BULKHEAD,
  loadBalancing: kindOf(LoadBalancing, 'LoadBalancing.roundRobin()'),
  // `Failover.to(standby)` and no more is none yet.
  failover: kindOf(Failover, 'Failover.to(standby).whenUnhealthy(), or Failover.zones()'),
  fallback: kindOf(Fallback, 'Fallback.value([])'),
};

const METHODS = { ...LIST, wanted: 'true, or a list of methods of gRPC', example: "['/acme.Payments/Quote']" };

interface Asked {
  readonly facts: ResilienceFacts | undefined;
  /** Who is asked while the callee cannot answer. */
  readonly standby?: Failover['standby'];
  readonly problems: readonly Problem[];
}

const NOTHING: Asked = { facts: undefined, problems: [] };

/** What was asked for of a callee as facts, undefined where that is nothing; and what is wrong with it. */
export function resilienceFacts(options: ResilienceOptions, caller: IConstruct, callee: IEndpoint): Asked {
  return Object.keys(options).some((name) => name in RESILIENCE_OPTIONS) ? factsOf(options, caller, callee) : NOTHING;
}

function factsOf(options: ResilienceOptions, caller: IConstruct, callee: IEndpoint): Asked {
  const { timeout, idempotent } = options;
  const { locality, standby: named } = membersOf(soundOf(options.failover, KINDS.failover));
  const isItself = named !== undefined && [caller, callee].includes(named.peer);
  const standby = isItself ? undefined : named;
  const facts = given({
    ...factsOfValues(options),
    timeoutMs: timeout === undefined ? undefined : millisecondsOf(timeout, 0),
    locality,
    failover: standby && { standby: standby.peer.node.path, port: standby.port },
    idempotent: inOrder(idempotent),
  });
  const problems = [
    ...problemsOfTime('timeout', timeout),
    ...Object.entries(KINDS).flatMap(([name, kind]) =>
      problemsOfValue(name, options[name as keyof typeof KINDS], kind),
    ),
    ...problemsOfMethods(idempotent),
    ...(isItself ? [toItself(named.peer, named.peer === callee ? 'callee' : 'caller')] : []),
  ];
  return { facts: Object.keys(facts).length === 0 ? undefined : facts, problems, ...given({ standby }) };
}

function factsOfValues(options: ResilienceOptions) {
  return {
    retry: soundOf(options.retry, KINDS.retry)?.facts,
    circuitBreaker: soundOf(options.circuitBreaker, KINDS.circuitBreaker)?.facts,
    bulkhead: soundOf(options.bulkhead, KINDS.bulkhead)?.facts,
    loadBalancing: soundOf(options.loadBalancing, KINDS.loadBalancing)?.facts,
    fallback: soundOf(options.fallback, KINDS.fallback)?.facts,
  };
}

function toItself({ node }: IConstruct, self: 'callee' | 'caller'): Problem {
  return {
    code: 'bad-value',
    message: `The standby is the ${self} itself.`,
    field: 'failover',
    got: `${node.path}, which ${self === 'callee' ? 'is called' : 'calls'}`,
    allowed: 'somebody else who answers the same; or Failover.zones() for other pods of the callee',
    fix: 'Name another one, or leave the failover out.',
  };
}

function inOrder(idempotent: ResilienceOptions['idempotent']): ResilienceOptions['idempotent'] {
  return Array.isArray(idempotent) ? [...(idempotent as readonly string[])].sort() : idempotent && true;
}

function problemsOfMethods(idempotent: ResilienceOptions['idempotent']): readonly Problem[] {
  if (idempotent === undefined || idempotent === true) return [];
  if (!LIST.is(idempotent)) return problemsOfKind('idempotent', idempotent, METHODS);
  return idempotent
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
