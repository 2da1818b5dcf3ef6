import { setTimeout as sleep } from 'node:timers/promises';
import { isAshlarError } from '../../constructs/model/error';
import { clusterError } from './problems';

/** How long and how often a condition is asked. */
export interface UntilOptions {
  /** Milliseconds. @defaultValue 30000 */
  readonly withinMs?: number;
  /** Milliseconds between two questions. @defaultValue 100 */
  readonly everyMs?: number;
  /** What is waited for, for the error. @defaultValue 'the condition' */
  readonly what?: string;
}

const UNTIL_DEFAULTS = { withinMs: 30_000, everyMs: 100, what: 'the condition' } as const;

/** Codes of errors after which waiting is of no use. */
const HOPELESS: ReadonlySet<string> = new Set(['engine-died', 'cluster-unreachable', 'unknown-kind']);

/**
 * Asks until the answer is neither undefined nor false, and returns it. An error that the condition throws counts as
 * "not yet", but for those that waiting does not mend.
 *
 * @param condition - what is asked
 * @param options - how long, how often
 * @throws AshlarError `timed-out` with the last answer or error; `engine-died`, `cluster-unreachable` as thrown by the
 * condition
 *
 * @example
 * ```ts
 * import { until } from 'ashlar/testing/cluster';
 *
 * const answer = await until(async () => (await fetch('http://127.0.0.1:8080/healthz')).ok, { what: 'the proxy' });
 * ```
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions = {},
): Promise<Exclude<T, undefined | false>> {
  const { withinMs, everyMs, what } = { ...UNTIL_DEFAULTS, ...options };
  const end = performance.now() + withinMs;
  for (;;) {
    const { answer, error } = await ask(condition);
    if (isAnswer(answer)) return answer;
    if (isAshlarError(error) && HOPELESS.has(error.code)) throw error;
    if (performance.now() > end) throw timedOut(what, withinMs, error ?? answer);
    await sleep(everyMs);
  }
}

function isAnswer<T>(answer: T | undefined): answer is Exclude<T, undefined | false> {
  return answer !== undefined && answer !== false;
}

async function ask<T>(condition: () => T | Promise<T>): Promise<{ answer?: T; error?: unknown }> {
  try {
    return { answer: await condition() };
  } catch (error) {
    return { error };
  }
}

function timedOut(what: string, withinMs: number, last: unknown): Error {
  return clusterError({
    code: 'timed-out',
    path: 'until',
    message: `Waited ${withinMs / 1000} s for ${what}.`,
    got: last instanceof Error ? last.message : String(last),
    fix: 'Look at the last answer; give withinMs where it only takes longer.',
  });
}
