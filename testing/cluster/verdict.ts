import type { AshlarError } from '../../constructs/model/error';
import { displayNameOf, type KubeObject } from '../../constructs/model/kube-object';
import type { ApiAnswer } from './connection';
import { clusterError } from './problems';

/** What the API server says to an object that it was sent. */
export interface Verdict {
  /** Whether the server takes it. */
  readonly accepted: boolean;
  /** HTTP status: 200, 201, 400, 403, 409, 422. */
  readonly status: number;
  /** Its reason: `Invalid`, `BadRequest`, `Forbidden`, `Conflict`; empty when accepted. */
  readonly reason: string;
  /** What it says against the object; empty when accepted. */
  readonly message: string;
  /** Texts of its warnings. */
  readonly warnings: readonly string[];
  /** The object as it is stored, or would be; undefined when refused. */
  readonly object?: KubeObject;
}

/** The answer to a create, an apply, a patch or a delete. */
export function verdictOf({ status, body, warnings }: ApiAnswer): Verdict {
  if (status < 300) return { accepted: true, status, reason: '', message: '', warnings, object: body as KubeObject };
  const { reason = '', message = String(body) } = (typeof body === 'object' && body !== null ? body : {}) as {
    reason?: string;
    message?: string;
  };
  return { accepted: false, status, reason, message, warnings };
}

/** The object of a verdict. @throws AshlarError `refused` with what the server says against it */
export function acceptedBy(verdict: Verdict, path: string): KubeObject {
  if (verdict.object !== undefined) return verdict.object;
  throw refused(verdict, path);
}

/** The error for what the server refused. */
export function refused({ status, reason, message }: Verdict, path: string, manifest?: KubeObject): AshlarError {
  return clusterError({
    code: 'refused',
    path: manifest === undefined ? path : `${path} → ${displayNameOf(manifest)}`,
    message: 'The API server refused it.',
    got: `${status} ${reason}: ${message}`,
    fix: 'Correct what it names.',
  });
}
