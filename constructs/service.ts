import { isDeepStrictEqual } from 'node:util';
import type { Construct } from 'constructs';
import { CACHE_NEEDS, cacheFacts, type CacheOptions } from './caching';
import { Caller, accessOf, problemsOfConnectionEnv, type AccessOptions } from './caller';
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
import { membersOf, problemsOfNeededValue, soundOf } from './kinds';
import { declare, relate, report } from './model/recorder';
import type { Problem } from './model/finding';
import { needsNothing, propsOr, tellOptions } from './props';
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
    relate(Owns, this, store, accessOf(this, 'owns', options));
    return this;
  }

  /**
   * Says that it keeps copies in a cache, of what it loads from elsewhere (Cache-aside): it gets the address, an account,
   * and the terms on which it caches.
   */
  caches(cache: IStore, options: CacheOptions): this {
    tellOptions(this, 'caches', options, CACHE_NEEDS);
    const said = propsOr(options, CACHE_NEEDS);
    const { facts, problems } = cacheFacts(said);
    for (const problem of [...problemsOfConnectionEnv(said.env), ...problems]) report(this, problem);
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
    tellOptions(this, 'requires', options, PORT_NEEDS);
    const said = membersOf(options);
    const { port = '' } = said;
    const jwt = tokenOf(auth);
    const problems = [
      ...problemsOfNeededValue('requires', auth, AUTH),
      ...unknownProps(said, { port: true }),
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
    const wrong = problemsOfNeededValue('exposes', exposure, EXPOSURE);
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
    tellOptions(this, 'addService', options, SERVICE_NEEDS);
    const { headless = false, ports = this.portNames } = membersOf(options);
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

const PORT_NEEDS = needsNothing("{ port: 'http' }");

const SERVICE_NEEDS = needsNothing("{ ports: ['http'] }");

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
