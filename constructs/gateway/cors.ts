import type { Duration } from 'cdk8s';
import type { CorsFacts } from '../derive/gateway/gateway';
import type { Problem } from '../model/finding';
import { membersOf, millisecondsOf, problemsOfOptions, problemsOfTime } from '../kinds';
import { printed, type Checked } from '../values';

/** More about pages of other sites. */
export interface CorsOptions {
  /** Headers that they may send besides those that are always allowed. @defaultValue none */
  readonly headers?: readonly string[];
  /** They may send cookies. @defaultValue false */
  readonly credentials?: boolean;
  /** How long browsers keep the answer. @defaultValue 10 min */
  readonly maxAge?: Duration;
}

const OPTIONS: Readonly<Record<keyof CorsOptions, true>> = { headers: true, credentials: true, maxAge: true };

const TEN_MINUTES_MS = 600_000;

/** Which pages of other sites may call a route (Fetch Standard, "CORS protocol"). */
export class Cors implements Checked {
  private constructor(
    /** As facts. */
    readonly facts: CorsFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** Pages of these origins, each as `https://shop.example.com`. */
  static from(origins: string | readonly string[], options: CorsOptions = {}): Cors {
    const { headers = [], credentials = false, maxAge } = membersOf(options);
    const maxAgeMs = millisecondsOf(maxAge, TEN_MINUTES_MS);
    const list = typeof origins === 'string' ? [origins] : origins;
    const problems = [
      ...list.flatMap(problemsOfOrigin),
      ...problemsOfTime('cors.maxAge', maxAge),
      ...problemsOfOptions('cors', options, OPTIONS, '{ credentials: true }'),
    ];
    return new Cors({ origins: list, headers, credentials, maxAgeMs }, problems);
  }
}

function problemsOfOrigin(origin: string): readonly Problem[] {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return [];
  return [
    {
      code: 'bad-origin',
      message: `${printed(origin)} is no origin.`,
      field: 'cors.from',
      got: printed(origin),
      allowed: 'scheme, host and port, such as https://shop.example.com',
      fix: 'Leave out the path and the slash at the end.',
    },
  ];
}
