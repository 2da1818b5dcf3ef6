import type { IEndpoint } from '../capabilities';

/** How a standby is asked. */
export interface StandbyOptions {
  /** Name of its port. @defaultValue its only one */
  readonly port?: string;
}

/** A standby that was named; when it is asked is said next. */
export interface Standby {
  /**
   * It is asked while no endpoint of the callee is well: all are left alone by the circuit breaker of the call, or there is
   * none. As soon as one is back, the callee is asked again.
   */
  whenUnhealthy(): Failover;
}

/**
 * Somebody else answers while the callee cannot.
 *
 * @example
 * ```ts
 * const backup = ExternalService.of(shop, 'rates', { host: 'rates.example.com' });
 * const circuitBreaker = CircuitBreaker.consecutiveErrors(3, { maxEjected: Percent.of(100) });
 * const web = new Microservice(billing, 'web', { image: 'ghcr.io/acme/web:1.0.0' });
 * web.calls(orders, { timeout: Duration.seconds(2), circuitBreaker, failover: Failover.to(backup).whenUnhealthy() });
 * ```
 */
export class Failover {
  private constructor(
    /** Who answers in the meantime, and on which port. */
    readonly standby: { readonly peer: IEndpoint; readonly port: string },
  ) {}

  /**
   * Names the standby: a service of the platform, one of the cluster, or a host outside.
   * @param peer - speaks what the callee speaks; a port outside that is called `https` is asked over TLS
   */
  static to(peer: IEndpoint, { port = '' }: StandbyOptions = {}): Standby {
    return { whenUnhealthy: () => new Failover({ peer, port }) };
  }
}
