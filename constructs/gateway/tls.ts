import type { TlsFacts } from '../derive/gateway/facts';
import type { Problem } from '../model/finding';
import { printed, type Checked } from '../values';

/** Which issuer of cert-manager. */
export interface IssuerOptions {
  /** One for the whole cluster, or one of the namespace of the gateway. @defaultValue 'ClusterIssuer' */
  readonly kind?: 'ClusterIssuer' | 'Issuer';
}

/** Name of an object (Kubernetes 1.36, "Object Names and IDs": DNS subdomain). */
const NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Where a gateway has its certificate from. */
export class Tls implements Checked {
  private constructor(
    /** As facts, once the id of the gateway is known. */
    readonly factsOf: (id: string) => TlsFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** cert-manager gets it from this issuer, into the Secret that is called as the gateway and `-tls`, and renews it. */
  static issuedBy(name: string, { kind = 'ClusterIssuer' }: IssuerOptions = {}): Tls {
    return new Tls((id) => ({ secret: secretOf(id), issuer: { kind, name } }), problemsOfName('tls.issuedBy', name));
  }

  /** Somebody makes the Secret, of the type `kubernetes.io/tls`, in the namespace of the context. */
  static secret(name: string): Tls {
    return new Tls(() => ({ secret: name }), problemsOfName('tls.secret', name));
  }

  /** Where nothing is said: somebody makes a Secret that is called as the gateway and `-tls`. */
  static readonly default: Tls = new Tls((id) => ({ secret: secretOf(id) }), []);
}

function secretOf(id: string): string {
  return `${id}-tls`;
}

function problemsOfName(field: string, name: string): readonly Problem[] {
  if (NAME.test(name)) return [];
  return [
    {
      code: 'bad-object-name',
      message: `${field} names no object.`,
      field,
      got: printed(name),
      allowed: 'a DNS name of at most 253 characters: a-z, 0-9, - and .',
      fix: 'Give the name of the object.',
    },
  ];
}
