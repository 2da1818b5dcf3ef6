import { isDeepStrictEqual } from 'node:util';
import type { Construct } from 'constructs';
import { cacheFacts, type CacheOptions } from './caching';
import { Caller, problemsOfAccess, type AccessOptions } from './caller';
import type { IEndpoint, IStore } from './capabilities';
import { AUTH, type Auth } from './gateway/auth';
import { BULKHEAD, type Bulkhead } from './resilience/bulkhead';
import { Admission } from './derive/resilience/admission';
import type { JwtFacts } from './derive/gateway/gateway';
import { Endpoint, Served, type PortFacts, type ServiceFacts } from './derive/endpoint';
import { Exposes } from './derive/exposure';
import { Caches, Owns } from './derive/stores/store';
import type { WorkloadFacts } from './derive/workload';
import { WantsToken } from './derive/tokens';
import { EXPOSURE, type Exposure } from './exposure';
import { problemsOfNeeded, problemsOfNeededValue, soundOf } from './kinds';
import { given } from './model/given';
import { declare, relate, report } from './model/recorder';
import type { Problem } from './model/finding';
import { noAddresses, unknownProps } from './values';

/** What every service can say, whoever wrote its workload. */
export abstract class Service extends Caller implements IEndpoint {
  /** Names of the ports of its main container, in the order in which they were given. */
  readonly portNames: readonly string[];
  #services: readonly ServiceFacts[] = [];
  #wantsToken = false;

  /** @param toFacts - the workload's facts; called once the construct stands, so that problems can be reported at it */
  constructor(scope: Construct, id: string, toFacts: (service: Construct) => WorkloadFacts) {
    super(scope, id, toFacts);
    const { name, namespace, selector, container } = this.workloadFacts;
    this.portNames = container.ports.map((port) => port.name);
    declare(this, Endpoint, {
      host: { service: name, namespace },
      ports: container.ports,
      reach: { pods: { namespace, labels: selector } },
    });
    if (container.ports.length > 0) this.#serve({ name, type: 'ClusterIP', ports: container.ports, sourceRanges: [] });
  }

  /** Says that it owns a store: it alone may write to it, and gets the address and an account. */
  owns(store: IStore, options: AccessOptions = {}): this {
    for (const problem of problemsOfAccess(options)) report(this, problem);
    relate(Owns, this, store, given({ env: options.env }));
    return this;
  }

  /**
   * Says that it keeps copies in a cache, of what it loads from elsewhere (Cache-aside): it gets the address, an account,
   * and the terms on which it caches.
   */
  caches(cache: IStore, options: CacheOptions): this {
    const { facts, problems } = cacheFacts(options);
    for (const problem of [...problemsOfAccess(given({ env: options.env })), ...problems]) report(this, problem);
    relate(Caches, this, cache, facts);
    return this;
  }

  /**
   * Says how much each of its pods takes in at once; what is above is refused at once. The mesh sees to it.
   * @param limit - of `maxConnections`, `maxPending` and `maxRequests` at least one
   */
  admits(limit: Bulkhead): this {
    for (const problem of problemsOfNeededValue('admits', limit, BULKHEAD)) report(this, problem);
    if (BULKHEAD.is(limit)) declare(this, Admission, limit.facts);
    return this;
  }

  /**
   * Says that whoever calls it has to show a token (Access token), besides being a declared caller. The mesh sees to it:
   * none is 403, one that is forged or expired 401, one whose claims do not fit 403.
   * @param auth - `Auth.jwt({ ... })`; said once for a service
   * @param options - `port`: name of the port; all that speak HTTP or gRPC where left out
   */
  requires(auth: Auth, options: { readonly port?: string } = {}): this {
    const { port = '' } = options;
    const jwt = tokenOf(auth);
    const problems = [
      ...problemsOfNeededValue('requires', auth, AUTH),
      ...unknownProps(options, { port: true }),
      ...(AUTH.is(auth) && jwt === undefined ? [NO_TOKEN] : []),
      ...(this.#wantsToken ? [TWO_TOKENS] : []),
    ];
    for (const problem of problems) report(this, problem);
    if (jwt !== undefined && !this.#wantsToken) declare(this, WantsToken, { jwt, port });
    this.#wantsToken = true;
    return this;
  }

  /** Opens a port to what is outside the platform. */
  exposes(port: string, exposure: Exposure): this {
    const wrong = problemsOfNeeded('exposes', exposure, EXPOSURE);
    for (const problem of wrong) report(this, problem);
    if (wrong.length > 0) return this;
    if (exposure.from.some((reach) => 'cidrs' in reach && reach.cidrs.length === 0)) {
      report(this, noAddresses(`exposes(${port})`));
      return this;
    }
    const served = this.#portsNamed([port]);
    if (exposure.service !== undefined && served.length > 0) this.#serve({ ...exposure.service, ports: served });
    relate(Exposes, this, this, { port, from: exposure.from });
    return this;
  }

  /**
   * Adds a Service over the same pods.
   * @param options - `headless`: its name resolves to all pods, for balancing by the client; `ports`: names, all where left out
   */
  addService(name: string, options: { readonly headless?: boolean; readonly ports?: readonly string[] } = {}): this {
    const { headless = false, ports = this.portNames } = options;
    const served = this.#portsNamed(ports);
    const unknown = ports.filter((port) => !this.portNames.includes(port));
    if (unknown.length > 0 || served.length === 0) {
      report(this, {
        code: 'unknown-port',
        message: `The Service ${name} is to lead to ports that are not there.`,
        field: 'ports',
        got: unknown.join(', ') || 'no ports',
        allowed: this.portNames.join(', ') || 'nothing: it listens on no port',
        fix: 'Name its ports, or add the port.',
      });
      return this;
    }
    this.#serve({ name, type: headless ? 'Headless' : 'ClusterIP', ports: served, sourceRanges: [] });
    return this;
  }

  #serve(service: ServiceFacts): void {
    if (this.#services.some((known) => isDeepStrictEqual(known, service))) return;
    this.#services = [...this.#services, service];
    const { name, namespace, selector } = this.workloadFacts;
    declare(this, Served, { name, namespace, selector, services: this.#services });
  }

  #portsNamed(names: readonly string[]): readonly PortFacts[] {
    return this.workloadFacts.container.ports.filter(({ name }) => names.includes(name));
  }
}

/** Which tokens get through, where it is by tokens. */
function tokenOf(auth: Auth): JwtFacts | undefined {
  const facts = soundOf(auth, AUTH)?.facts;
  return facts !== undefined && 'jwt' in facts ? facts.jwt : undefined;
}

const NO_TOKEN: Problem = {
  code: 'no-auth',
  message: 'A service can want a token, and nothing else.',
  field: 'requires',
  got: 'something else than a token',
  allowed: 'Auth.jwt({ ... })',
  fix: 'Ask authorizers at the gateway; which services call is said by calls.',
};

const TWO_TOKENS: Problem = {
  code: 'token-twice',
  message: 'It wants two tokens, of which a request can show one.',
  field: 'requires',
  got: 'requires, a second time',
  allowed: 'once for a service',
  fix: 'Join the audiences and the values of claims into one.',
};
