import type { Construct, IConstruct } from 'constructs';
import type { IConfig, IEndpoint, ISecret, IStore, IWorkload } from './capabilities';
import { problemsOfEnvNames } from './container';
import { ADDRESS_FORMATS, Calls, type AddressFormat } from './derive/calls';
import { FailsOverTo } from './derive/resilience/failover';
import { KubernetesAccess, type AccessRule } from './derive/kubernetes-access';
import { Reads } from './derive/reads';
import type { ConnectionEnv } from './derive/stores/store';
import { Workload, type WorkloadFacts } from './derive/workload';
import { membersOf, objectLike, problemsOfKind, soundOf } from './kinds';
import { Element } from './model/element';
import type { Problem } from './model/finding';
import { given, type Given } from './model/given';
import { declare, relate, report } from './model/recorder';
import { needsNothing, tellOptions } from './props';
import { RESILIENCE_OPTIONS, resilienceFacts, type ResilienceOptions } from './resilience/options';
import { problemOfChoice, problemsOfFolder, unknownProps } from './values';

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

/** How a workload reads. */
export interface ReadOptions extends AccessOptions {
  /** Folder in which each key of a Secret is a file: `/etc/acquirer`. @defaultValue none */
  readonly folder?: string;
}

const READ_OPTIONS: Readonly<Record<keyof ReadOptions, true>> = { env: true, folder: true };

const ACCESS_OPTIONS: Readonly<Record<keyof AccessOptions, true>> = { env: true };

const ACCESS_NEEDS = needsNothing("{ env: { DATABASE_URL: 'url' } }");

const CALL_NEEDS = needsNothing('{ timeout: Duration.seconds(2) }');

const CONNECTION = objectLike<ConnectionEnv>("{ DATABASE_URL: 'url' }");

/** What is wrong with the variables that are to hold a connection. */
export function problemsOfConnectionEnv(env: ConnectionEnv | undefined): readonly Problem[] {
  return [...problemsOfKind('env', env, CONNECTION), ...problemsOfEnvNames(Object.keys(membersOf(env)))];
}

/** Which variables are to hold a connection; what is wrong with a verb's options is reported. */
export function accessOf<C extends IConstruct>(
  at: C,
  verb: keyof C & string,
  options: AccessOptions,
  known: Readonly<Record<string, true>> = ACCESS_OPTIONS,
): Given<AccessOptions> {
  tellOptions(at, verb, options, ACCESS_NEEDS);
  const said = membersOf(options);
  for (const problem of [...problemsOfConnectionEnv(said.env), ...unknownProps(said, known)]) report(at, problem);
  return given({ env: soundOf(said.env, CONNECTION) });
}

const VARIABLES = objectLike<Readonly<Record<string, AddressFormat>>>("'ORDERS_ADDR', or { ORDERS_URL: 'url' }");

const CALL_OPTIONS: Readonly<Record<keyof CallOptions, true>> = { port: true, env: true, ...RESILIENCE_OPTIONS };

/** What everything that runs in pods can say: services and tasks alike. */
export abstract class Caller extends Element implements IWorkload {
  /** Name of its workload, its identity and its policy. Of a task's Jobs it is the first part. */
  readonly workloadName: string;
  readonly #facts: WorkloadFacts;
  readonly #accessRules: AccessRule[] = [];

  /** @param toFacts - the workload's facts; called once the construct stands, so that problems can be reported at it */
  constructor(scope: Construct, id: string, toFacts: (caller: Construct) => WorkloadFacts) {
    super(scope, id);
    const facts = toFacts(this);
    this.#facts = facts;
    this.workloadName = facts.name;
    declare(this, Workload, facts);
  }

  /** Says that it calls a peer: the way is opened for exactly this pair, and the address is put into its environment. */
  calls(peer: IEndpoint, options: CallOptions = {}): this {
    const said = membersOf(options);
    const { port = '', env = {} } = said;
    const variables = typeof env === 'string' ? { [env]: 'host:port' as const } : (soundOf(env, VARIABLES) ?? {});
    const resilience = resilienceFacts(said, this, peer);
    const problems = [
      ...resilience.problems,
      ...(typeof env === 'string' ? [] : problemsOfKind('env', env, VARIABLES)),
      ...problemsOfEnvNames(Object.keys(variables)),
      ...Object.values(variables).flatMap((format) => problemOfChoice('env', format, ADDRESS_FORMATS)),
      ...unknownProps(said, CALL_OPTIONS, 'calls.'),
    ];
    tellOptions(this, 'calls', options, CALL_NEEDS);
    for (const problem of problems) report(this, problem);
    const facts = { port, env: variables, ...given({ resilience: resilience.facts }) };
    const isTaken = relate(Calls, this, peer, facts);
    const { standby } = resilience;
    if (isTaken && standby !== undefined) relate(FailsOverTo, this, standby.peer, { port: standby.port });
    return this;
  }

  /**
   * Says that it reads a configuration, as variables or files, by what the configuration is told; a Secret, as the
   * variables or in the folder that are named here; or a store of its context, with an account that cannot write.
   */
  reads(source: IConfig | ISecret | IStore, options: ReadOptions = {}): this {
    const { folder } = membersOf(options);
    const access = accessOf(this, 'reads', options, READ_OPTIONS);
    for (const problem of folder === undefined ? [] : problemsOfFolder(folder)) report(this, problem);
    relate(Reads, this, source, { ...access, ...given({ folder }) });
    return this;
  }

  /** Lets it do things at the API server, in its own namespace: rights, a token, and the way there. */
  accessesKubernetes(...rules: readonly AccessRule[]): this {
    this.#accessRules.push(...rules);
    declare(this, Workload, { ...this.#facts, mountsToken: true });
    declare(this, KubernetesAccess, { rules: [...this.#accessRules] });
    return this;
  }

  /** What it said about its pods when it was made. */
  protected get workloadFacts(): WorkloadFacts {
    return this.#facts;
  }
}
