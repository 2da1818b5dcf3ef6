/** Software that has to run in the cluster before the plan can: an operator and the definitions of its kinds. */
export interface ReleasePrerequisite {
  /** Tells it from other prerequisites. */
  readonly type: 'release';
  /** Name of the release, a DNS label: `cloudnative-pg`. One a cluster. */
  readonly name: string;
  /** Namespace that it is usually installed in: `cnpg-system`. */
  readonly namespace: string;
  /** The Helm chart that is the usual way to install it. */
  readonly chart: { readonly repository: string; readonly name: string; readonly version: string };
  /** Version of the software that the chart installs: `1.27.0`. */
  readonly version: string;
  /** Groups of the custom resources that it defines: `postgresql.cnpg.io`. */
  readonly groups: readonly string[];
  /** Values of the chart that the plan relies on. @defaultValue the chart's own */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Where the value of one key of a Secret comes from. */
export type SecretValue =
  | {
      /** Letters and digits, made when the Secret is made. One id is one value, in however many Secrets. */
      readonly random: { readonly id: string; /** Characters, 16 to 128. */ readonly length: number };
    }
  | {
      /** No secret, but wanted beside one: a user's name. */
      readonly text: string;
    }
  | {
      /** Known by somebody else: an API key that a supplier gave. The id is its name in a store of secrets. */
      readonly known: string;
    };

/** A Secret that somebody has to make in the cluster, because no object of the plan does. */
export interface SecretPrerequisite {
  /** Tells it from other prerequisites. */
  readonly type: 'secret';
  /** Namespace of the Secret, which has to be there first. */
  readonly namespace: string;
  /** Name of the Secret. */
  readonly name: string;
  /** As in `Secret.type`: `kubernetes.io/basic-auth`. */
  readonly kind: string;
  /** By key of the Secret: `password`. */
  readonly keys: Readonly<Record<string, SecretValue>>;
  /** `ashlar secrets` can make it; otherwise the platform's own people do. */
  readonly generated: boolean;
}

/** What has to be there before the plan, and is not in it. */
export type Prerequisite = (ReleasePrerequisite | SecretPrerequisite) & {
  /** Paths of the constructs that need it; at least one. */
  readonly for: readonly string[];
};

/** The identity of a prerequisite: two that share it are one. */
export function keyOfPrerequisite(one: ReleasePrerequisite | SecretPrerequisite): string {
  return one.type === 'release' ? `release ${one.name}` : `secret ${one.namespace}/${one.name}`;
}
