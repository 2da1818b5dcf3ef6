import type { TlsFacts } from '../derive/gateway/facts';
import { membersOf, problemsOfOptions } from '../kinds';
import type { Problem } from '../model/finding';
import { problemOfChoice, type Checked } from '../values';
import { problemsOfObjectName } from './checks';

/** Which issuer of cert-manager. */
export interface IssuerOptions {
  /** One for the whole cluster, or one of the namespace of the gateway. @defaultValue 'ClusterIssuer' */
  readonly kind?: 'ClusterIssuer' | 'Issuer';
}

/** Where a gateway has its certificate from. */
export class Tls implements Checked {
  private constructor(
    /** As facts, once the id of the gateway is known. */
    readonly factsOf: (id: string) => TlsFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** cert-manager gets it from this issuer, into the Secret that is called as the gateway and `-tls`, and renews it. */
  static issuedBy(name: string, options: IssuerOptions = {}): Tls {
    const { kind = 'ClusterIssuer' } = membersOf(options);
    return new Tls(
      (id) => ({ secret: secretOf(id), issuer: { kind, name } }),
      [
        ...problemsOfObjectName('tls.issuedBy', name),
        ...problemOfChoice('tls.kind', kind, ['ClusterIssuer', 'Issuer']),
        ...problemsOfOptions('tls', options, { kind: true }, "{ kind: 'Issuer' }"),
      ],
    );
  }

  /** Somebody makes the Secret, of the type `kubernetes.io/tls`, in the namespace of the context. */
  static secret(name: string): Tls {
    return new Tls(() => ({ secret: name }), problemsOfObjectName('tls.secret', name));
  }

  /** Where nothing is said: somebody makes a Secret that is called as the gateway and `-tls`. */
  static readonly default: Tls = new Tls((id) => ({ secret: secretOf(id) }), []);
}

function secretOf(id: string): string {
  return `${id}-tls`;
}
