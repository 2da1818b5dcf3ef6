import type { Duration } from 'cdk8s';
import type { BalancingFacts } from '../derive/resilience/facts';
import type { Problem } from '../model/finding';
import { millisecondsOf, problemsOfNeededTime } from '../kinds';
import { printed, type Checked } from '../values';

/** Name of a header or cookie: a token of HTTP (RFC 9110, section 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Which endpoint of a callee is asked. Without one, proxies ask the less busy of two at random. */
export class LoadBalancing implements Checked {
  private constructor(
    /** As facts. */
    readonly facts: BalancingFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** The less busy of two that are chosen at random. */
  static leastRequest(): LoadBalancing {
    return new LoadBalancing({ simple: 'LEAST_REQUEST' }, []);
  }

  /** One after the other. */
  static roundRobin(): LoadBalancing {
    return new LoadBalancing({ simple: 'ROUND_ROBIN' }, []);
  }

  /** Any. */
  static random(): LoadBalancing {
    return new LoadBalancing({ simple: 'RANDOM' }, []);
  }

  /** The same for the same value of a header, as long as the endpoints stay. */
  static byHeader(name: string): LoadBalancing {
    return new LoadBalancing({ header: name }, problemsOfToken('loadBalancing.byHeader', name));
  }

  /** The same for the same cookie, which the proxy sets where there is none. */
  static byCookie(name: string, ttl: Duration): LoadBalancing {
    const problems = [
      ...problemsOfToken('loadBalancing.byCookie', name),
      ...problemsOfNeededTime('loadBalancing.byCookie ttl', ttl),
    ];
    return new LoadBalancing({ cookie: name, ttlMs: millisecondsOf(ttl, 0) }, problems);
  }

  /** The same for the same address of the client. */
  static bySourceAddress(): LoadBalancing {
    return new LoadBalancing({ sourceAddress: true }, []);
  }
}

function problemsOfToken(field: string, name: unknown): readonly Problem[] {
  if (typeof name === 'string' && TOKEN.test(name)) return [];
  return [
    {
      code: 'bad-name',
      message: `${printed(name)} cannot be the name of a header or cookie.`,
      field,
      got: printed(name),
      allowed: 'letters, digits and hyphens, such as x-user-id',
      fix: 'Correct the name.',
    },
  ];
}
