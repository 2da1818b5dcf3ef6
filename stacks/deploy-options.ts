import type { Alias } from '@pulumi/pulumi';
import type { Environment } from '../constructs/model/environment';
import type { ClusterOptions } from './cluster';

/** How an object that the cluster has already is taken over. */
export type Adoption = 'import' | 'patch';

/** How a platform is deployed. */
export interface DeployOptions {
  /** Name of an environment file (mostly `pulumi.getStack()`), or the environment as data. */
  readonly environment: string | Environment;
  /** Folder of the environment files. A relative one starts at the Pulumi project. @defaultValue 'environments' */
  readonly folder?: string;
  /** Where objects go. @defaultValue the cluster of the current kubeconfig */
  readonly cluster?: ClusterOptions;
  /** Charts that go to another cluster, by id. Each such cluster has a name. @defaultValue none */
  readonly clusters?: Readonly<Record<string, ClusterOptions>>;
  /** Charts that belong to this stack, by id; others belong to stacks of their own. @defaultValue all */
  readonly only?: readonly string[];
  /** Whether what the plan protects is protected, and kept when it is deleted. @defaultValue true */
  readonly protect?: boolean;
  /**
   * Adopts what is in the cluster already: the way back after an `up` that was killed. For one run only, since an
   * object that was renamed without an alias would be deleted by it.
   * @defaultValue false
   */
  readonly recover?: boolean;
  /**
   * Objects that the cluster has already, by display name (`Namespace/ordering`): `import` takes them over whole, and
   * fails where they differ; `patch` owns the fields of the plan only, and leaves the object when the stack goes.
   * @defaultValue none
   */
  readonly adopt?: Readonly<Record<string, Adoption>>;
  /** Earlier names of resources, by display name of the object: `{ 'Deployment/ordering/orders': ['orders'] }`. @defaultValue none */
  readonly aliases?: Readonly<Record<string, readonly (string | Alias)[]>>;
}

/** The inputs of a program; they may be left out where it has none. */
export type InputsOption<Inputs extends object> = object extends Inputs
  ? { readonly inputs?: Inputs }
  : {
      /** What the program is told, by name: Outputs, or plain data. */
      readonly inputs: Inputs;
    };
