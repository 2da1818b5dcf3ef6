/** What a request must have, beside its path and method, to go the way of a route. */
export interface HeaderMatchFacts {
  /** Name of the header, in lower case. */
  readonly header: string;
  /** The one value that it must have. */
  readonly value: string;
}

/** What becomes of headers; names in lower case. */
export interface HeaderChangeFacts {
  /** These have this value, whatever came. */
  readonly set: Readonly<Record<string, string>>;
  /** These get this value, too. */
  readonly add: Readonly<Record<string, string>>;
  /** These are taken away. */
  readonly remove: readonly string[];
}

/** That a route is about to go (RFC 9745, RFC 8594). */
export interface DeprecationFacts {
  /** Seconds since 1970 at which it became deprecated, or will. */
  readonly since: number;
  /** Seconds since 1970 at which it stops answering. */
  readonly sunset?: number;
  /** Where people read about it. */
  readonly link?: string;
  /** What takes its place. */
  readonly successor?: string;
}

/** Which answers are compressed. */
export interface CompressionFacts {
  /** Answers of fewer bytes stay as they are. */
  readonly minBytes: number;
  /** Types of content. */
  readonly types: readonly string[];
}

/** Where the certificate of a gateway is. */
export interface TlsFacts {
  /** Name of the Secret, of the type `kubernetes.io/tls`, in the namespace of the gateway. */
  readonly secret: string;
  /** The issuer of cert-manager that keeps it. @defaultValue somebody else makes the Secret */
  readonly issuer?: { readonly kind: 'ClusterIssuer' | 'Issuer'; readonly name: string };
}

/** By what a gateway knows a service that answers TLS itself. */
export interface BackendTlsFacts {
  /** DNS name that its certificate is for, and by which the gateway asks for it (SNI). */
  readonly host: string;
  /** ConfigMap with the key `ca.crt`, in the namespace of the service. @defaultValue authorities that everybody knows */
  readonly authority?: string;
}
