import * as kubernetes from '@pulumi/kubernetes';
import type { Input, ProviderResource } from '@pulumi/pulumi';
import { given } from '../constructs/model/given';
import type { Plan } from '../constructs/model/plan';

/** A cluster that objects go to. */
export interface ClusterOptions {
  /**
   * Tells it from other clusters of the same stack: `eu`. It stands in front of the name of each resource, and it is
   * the identity of the cluster: another one means another cluster, whose objects are made anew.
   * @defaultValue none: the stack has one cluster, which is known by the environment
   */
  readonly name?: string;
  /** The stack had this one cluster already before it got a name: everything in it stays what it is. @defaultValue false */
  readonly wasUnnamed?: boolean;
  /** Contents of a kubeconfig, or the path of one. @defaultValue `KUBECONFIG`, then `~/.kube/config` */
  readonly kubeconfig?: Input<string>;
  /** Context of the kubeconfig. @defaultValue its current one */
  readonly context?: Input<string>;
  /**
   * A provider of your own, instead of all the above but `name`. Set `enableServerSideApply`, `enableConfigMapMutable`
   * and `enableSecretMutable` on it; it is not checked before something is planned.
   * @defaultValue one that is made for the stack
   */
  readonly provider?: kubernetes.Provider;
}

/** One cluster of a stack: its providers, and the names of its resources. */
export class Cluster {
  /** In front of the names of its resources. */
  readonly prefix: string;
  /** What stood there before, if anything else did. */
  readonly formerly: readonly string[];
  /** The provider of its objects. */
  readonly provider: ProviderResource;
  #adopting: ProviderResource | undefined;

  /** @param recover - adopts what is there already */
  constructor(
    private readonly plan: Pick<Plan, 'platform' | 'environment'>,
    private readonly options: ClusterOptions,
    recover: boolean,
  ) {
    const { name, wasUnnamed = false } = options;
    this.prefix = name === undefined ? '' : `${name}/`;
    this.formerly = name !== undefined && wasUnnamed ? [''] : [];
    this.provider = options.provider ?? this.#make('', recover);
  }

  /**
   * The provider of objects whose name follows from their content and which stay in the cluster when they leave the
   * plan. A content that comes back finds its object there, and takes it over: the same name is the same content.
   */
  get keeper(): ProviderResource {
    if (this.options.provider !== undefined) return this.provider;
    this.#adopting ??= this.#make('-kept', true);
    return this.#adopting;
  }

  #make(suffix: string, adopts: boolean): ProviderResource {
    const { platform, environment } = this.plan;
    const { name, wasUnnamed = false, kubeconfig, context } = this.options;
    const isNamed = name !== undefined;
    const unnamed = `${platform}${suffix}`;
    return new kubernetes.Provider(
      isNamed ? `${platform}-${name}${suffix}` : unnamed,
      {
        ...given({ kubeconfig, context }),
        // The same cluster behind another address is no other cluster, and replaces nothing.
        clusterIdentifier: [platform, environment.name, ...(isNamed && !wasUnnamed ? [name] : [])].join('/'),
        enableServerSideApply: true,
        // Otherwise a changed value deletes the object and makes it anew.
        enableConfigMapMutable: true,
        enableSecretMutable: true,
        ...(adopts && { upsertExistingObjects: true }),
      },
      isNamed && wasUnnamed ? { aliases: [{ name: unnamed }] } : {},
    );
  }
}
