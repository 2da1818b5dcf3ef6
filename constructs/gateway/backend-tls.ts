import type { BackendTlsFacts } from '../derive/gateway/facts';
import { membersOf, problemsOfOptions } from '../kinds';
import type { Problem } from '../model/finding';
import type { Checked } from '../values';
import { problemsOfHost, problemsOfObjectName } from './checks';

/** By what a gateway knows a service that answers TLS itself. */
export interface BackendTlsOptions {
  /** DNS name that the service's certificate is for; the gateway asks for it by this name, too (SNI). */
  readonly host: string;
  /** Name of a ConfigMap in the service's namespace, whose key `ca.crt` holds the authority, as PEM. */
  readonly authority: string;
}

/**
 * That a service answers TLS itself, and by what the gateway knows that it is the right one (Gateway API 1.6,
 * BackendTLSPolicy). Said by one route, it holds for all that lead to the same port.
 */
export class BackendTls implements Checked {
  private constructor(
    /** As facts. */
    readonly facts: BackendTlsFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** By a certificate for the name, of an authority of one's own. */
  static verify(options: BackendTlsOptions): BackendTls {
    const { host = '', authority = '' } = membersOf(options);
    return new BackendTls({ host, authority }, [
      ...problemsOfHost('backendTls.host', host),
      ...problemsOfObjectName('backendTls.authority', authority),
      ...problemsOfOptions('backendTls', options, OPTIONS, "{ host: 'orders.example.com', authority: 'orders-ca' }"),
    ]);
  }

  /**
   * By a certificate for the name, of one of the authorities that the gateway's system knows.
   * @param host - DNS name that the certificate is for
   */
  static wellKnown(host: string): BackendTls {
    return new BackendTls({ host }, problemsOfHost('backendTls.host', host));
  }
}

const OPTIONS: Readonly<Record<keyof BackendTlsOptions, true>> = { host: true, authority: true };
