/** Somebody who is asked about each request before it goes on. */
export interface AuthorizerFacts {
  /** Path of the construct. */
  readonly path: string;
  /** Name of its port; empty: its only one. */
  readonly port: string;
  /** How it is asked. */
  readonly protocol: 'http' | 'grpc';
  /** Most milliseconds until it has answered. */
  readonly timeoutMs: number;
  /** Headers that it is shown besides those that it always is; over gRPC it is shown all. */
  readonly sends: readonly string[];
  /** Headers by which it tells the service who calls, and which nobody outside may send. */
  readonly passes: readonly string[];
}
