import { isDeepStrictEqual } from 'node:util';
import type { Construct } from 'constructs';
import type { IConfig, IEndpoint, IStore, IWorkload } from './capabilities';
import { problemsOfEnvNames } from './container';
import type { Bulkhead } from './resilience/bulkhead';
import { RESILIENCE_OPTIONS, resilienceFacts, type ResilienceOptions } from './resilience/options';
import { Admission } from './derive/resilience/admission';
import { noAddresses, problemOfChoice, unknownProps } from './values';
import { Calls, type AddressFormat } from './derive/calls';
import { Endpoint, Served, type PortFacts, type ServiceFacts } from './derive/endpoint';
import { Exposes } from './derive/exposure';
import { KubernetesAccess, type AccessRule } from './derive/kubernetes-access';
import { Reads } from './derive/reads';
import { Owns, type ConnectionEnv } from './derive/stores/store';
import { Workload, type WorkloadFacts } from './derive/workload';
import type { Exposure } from './exposure';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { given } from './model/given';
import { declare, relate, report } from './model/recorder';

/** What a call is told. */
export interface CallOptions extends ResilienceOptions {
  /** Name of the callee's port. @defaultValue its only one */
  readonly port?: string;
  /** Variable of the caller that gets `host:port`; or several, each with the form that it wants. @defaultValue none */
  readonly env?: string | Readonly<Record<string, AddressFormat>>;
}

/** How a workload wants its access to a store. */
export interface AccessOptions {
  /**
   * Variables that it gets, and what each holds: `{ DATABASE_URL: 'url' }`. Which fields there are depends on the
   * engine; `user` and `password` are always there.
   * @defaultValue those that the engine's own clients read
   */
  readonly env?: ConnectionEnv;
}

const ACCESS_OPTIONS: Readonly<Record<keyof AccessOptions, true>> = { env: true };

function problemsOfAccess(options: AccessOptions): readonly Problem[] {
  return [...problemsOfEnvNames(Object.keys(options.env ?? {})), ...unknownProps(options, ACCESS_OPTIONS)];
}

const CALL_OPTIONS: Readonly<Record<keyof CallOptions, true>> = { port: true, env: true, ...RESILIENCE_OPTIONS };

const ADDRESS_FORMATS: readonly AddressFormat[] = ['host:port', 'host', 'port', 'url'];

/** What every service can say, whoever wrote its workload. */
export abstract class Service extends Element implements IEndpoint, IWorkload {
  /** Names of the ports of its main container, in the order in which they were given. */
  readonly portNames: readonly string[];
  /** Name of its Deployment or StatefulSet, by which its Service and its policy are called, too. */
  readonly workloadName: string;
  readonly #facts: WorkloadFacts;
  readonly #services: ServiceFacts[] = [];
  readonly #accessRules: AccessRule[] = [];

  /** @param toFacts - the workload's facts; called once the construct stands, so that problems can be reported at it */
  constructor(scope: Construct, id: string, toFacts: (service: Service) => WorkloadFacts) {
    super(scope, id);
    const facts = toFacts(this);
    const { name, namespace, selector, container } = facts;
    this.#facts = facts;
    this.workloadName = name;
    this.portNames = container.ports.map((port) => port.name);
    declare(this, Workload, facts);
    declare(this, Endpoint, {
      host: { service: name, namespace },
      ports: container.ports,
      reach: { pods: { namespace, labels: selector } },
    });
    if (container.ports.length > 0) this.#serve({ name, type: 'ClusterIP', ports: container.ports, sourceRanges: [] });
  }

  /** Says that it calls a peer: the way is opened for exactly this pair, and the address is put into its environment. */
  calls(peer: IEndpoint, options: CallOptions = {}): this {
    const { port = '', env = {} } = options;
    const variables = typeof env === 'string' ? { [env]: 'host:port' as const } : env;
    const resilience = resilienceFacts(options);
    const problems = [
      ...resilience.problems,
      ...problemsOfEnvNames(Object.keys(variables)),
      ...Object.values(variables).flatMap((format) => problemOfChoice('env', format, ADDRESS_FORMATS)),
      ...unknownProps(options, CALL_OPTIONS),
    ];
    for (const problem of problems) report(this, problem);
    relate(Calls, this, peer, { port, env: variables, ...given({ resilience: resilience.facts }) });
    return this;
  }

  /**
   * Says that it reads a configuration, as variables or files, by what the configuration is told; or a store of its
   * context, with an account that cannot write.
   */
  reads(source: IConfig | IStore, options: AccessOptions = {}): this {
    for (const problem of problemsOfAccess(options)) report(this, problem);
    relate(Reads, this, source, given({ env: options.env }));
    return this;
  }

  /** Says that it owns a store: it alone may write to it, and gets the address and an account. */
  owns(store: IStore, options: AccessOptions = {}): this {
    for (const problem of problemsOfAccess(options)) report(this, problem);
    relate(Owns, this, store, given({ env: options.env }));
    return this;
  }

  /**
   * Says how much each of its pods takes in at once; what is above is refused at once. The mesh sees to it.
   * @param limit - of `maxConnections`, `maxPending` and `maxRequests` at least one
   */
  admits(limit: Bulkhead): this {
    for (const problem of limit.problems) report(this, problem);
    declare(this, Admission, limit.facts);
    return this;
  }

  /** Opens a port to what is outside the platform. */
  exposes(port: string, exposure: Exposure): this {
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

  /** Lets it do things at the API server, in its own namespace: rights, a token, and the way there. */
  accessesKubernetes(...rules: readonly AccessRule[]): this {
    this.#accessRules.push(...rules);
    declare(this, Workload, { ...this.#facts, mountsToken: true });
    declare(this, KubernetesAccess, { rules: [...this.#accessRules] });
    return this;
  }

  #serve(service: ServiceFacts): void {
    if (this.#services.some((known) => isDeepStrictEqual(known, service))) return;
    this.#services.push(service);
    const { name, namespace, selector } = this.#facts;
    declare(this, Served, { name, namespace, selector, services: [...this.#services] });
  }

  #portsNamed(names: readonly string[]): readonly PortFacts[] {
    return this.#facts.container.ports.filter(({ name }) => names.includes(name));
  }
}
