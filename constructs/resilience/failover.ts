import type { IEndpoint } from '../capabilities';
import { ENDPOINT } from '../derive/endpoint';
import type { LocalityFacts } from '../derive/resilience/facts';
import type { Problem } from '../model/finding';
import { membersOf, objectLike, problemsOfKind, problemsOfNeeded, problemsOfOptions, soundOf } from '../kinds';
import { printed, type Checked } from '../values';

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

/** Endpoints near the caller come first; a standby may come after all of them. */
export interface PlaceFailover extends Failover {
  /**
   * Names who answers while no endpoint of the callee is well, wherever it is: as with `Failover.to`, and the breaker has
   * to be one that may leave all alone.
   * @param peer - speaks what the callee speaks; a port outside that is called `https` is asked over TLS
   */
  thenTo(peer: IEndpoint, options?: StandbyOptions): Failover;
}

/**
 * Somebody else answers while those cannot who should: other pods of the callee, or a standby.
 *
 * @example
 * ```ts
 * const backup = ExternalService.of(shop, 'rates', { host: 'rates.example.com' });
 * const circuitBreaker = CircuitBreaker.consecutiveErrors(3, { maxEjected: Percent.of(100) });
 * const web = new Microservice(billing, 'web', { image: 'ghcr.io/acme/web:1.0.0' });
 * web.calls(orders, { timeout: Duration.seconds(2), circuitBreaker, failover: Failover.to(backup).whenUnhealthy() });
 * ```
 */
export class Failover implements Checked {
  private constructor(
    /** Who answers while no endpoint of the callee is well, and on which port. @defaultValue nobody */
    readonly standby: { readonly peer: IEndpoint; readonly port: string } | undefined,
    /** Which endpoints of the callee come first. @defaultValue all alike */
    readonly locality: LocalityFacts | undefined,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /**
   * Names the standby: a service of the platform, one of the cluster, or a host outside.
   * @param peer - speaks what the callee speaks; a port outside that is called `https` is asked over TLS
   */
  static to(peer: IEndpoint, options: StandbyOptions = {}): Standby {
    return { whenUnhealthy: () => Failover.#to(peer, options, undefined, []) };
  }

  /**
   * Requests stay in the zone of the pod that calls. Endpoints of other zones are asked while the circuit breaker of the
   * call leaves those of its own alone, or there are none; those of other regions come last, all alike.
   */
  static zones(): PlaceFailover {
    return Failover.#byPlace({}, []);
  }

  /**
   * The same, and among other regions one comes before all others.
   * @param next - for a region the one that comes after it, as nodes have them in `topology.kubernetes.io/region`:
   * `{ 'eu-west-1': 'eu-central-1' }`. A region that is not in it has no such one
   */
  static regions(next: Readonly<Record<string, string>>): PlaceFailover {
    return Failover.#byPlace({ ...next }, problemsOfRegions(next));
  }

  static #byPlace(nextRegion: LocalityFacts['nextRegion'], problems: readonly Problem[]): PlaceFailover {
    const locality = { nextRegion };
    return Object.assign(new Failover(undefined, locality, problems), {
      thenTo: (peer: IEndpoint, options: StandbyOptions = {}) => Failover.#to(peer, options, locality, problems),
    });
  }

  static #to(
    given: IEndpoint,
    options: StandbyOptions,
    locality: LocalityFacts | undefined,
    earlier: readonly Problem[],
  ): Failover {
    const peer = soundOf(given, ENDPOINT);
    const { port = '' } = membersOf(options);
    return new Failover(peer && { peer, port }, locality, [
      ...earlier,
      ...problemsOfNeeded('failover.to', given, ENDPOINT),
      ...problemsOfOptions('failover', options, { port: true }, "{ port: 'http' }"),
    ]);
  }
}

/** Value of a label (Kubernetes 1.36, "Labels and Selectors", syntax). */
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

const REGIONS = objectLike<Readonly<Record<string, string>>>("{ 'eu-west-1': 'eu-central-1' }");

function problemsOfRegions(next: Readonly<Record<string, string>>): readonly Problem[] {
  const ofKind = problemsOfKind('failover.regions', next, REGIONS);
  if (ofKind.length > 0) return ofKind;
  const pairs = Object.entries(next ?? {});
  const isRegion = (name: unknown): boolean => typeof name === 'string' && LABEL_VALUE.test(name);
  const wrong = pairs.filter(([from, to]) => !isRegion(from) || !isRegion(to) || from === to);
  if (pairs.length > 0 && wrong.length === 0) return [];
  return [
    {
      code: 'bad-regions',
      message: pairs.length === 0 ? 'No region comes after another.' : 'A region comes after another region.',
      field: 'failover.regions',
      got: wrong.map(([from, to]) => `${printed(from)}: ${printed(to)}`).join(', ') || 'no region',
      allowed: "for each region another one, as nodes name them: { 'eu-west-1': 'eu-central-1' }",
      fix: 'Correct the names, or use Failover.zones() where no region comes first.',
    },
  ];
}
