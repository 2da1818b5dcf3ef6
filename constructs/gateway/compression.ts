import type { CompressionFacts } from '../derive/gateway/facts';
import { LIST, SIZE, membersOf, problemsOfKind, problemsOfOptions, quantityOf, soundOf } from '../kinds';
import type { Problem } from '../model/finding';
import { parseQuantity } from '../model/quantity';
import type { SizeAmount } from '../resources';
import { printed, problemOfInteger, type Checked } from '../values';

/** Which answers are compressed. */
export interface CompressionOptions {
  /** Smaller answers stay as they are. 30 B to 1 MiB. @defaultValue 1 KiB */
  readonly from?: SizeAmount;
  /** Types of content. @defaultValue COMPRESSED_TYPES */
  readonly types?: readonly string[];
}

/** Types that are text, and so become much smaller. Pictures and archives are compressed already. */
export const COMPRESSED_TYPES: readonly string[] = [
  'application/javascript',
  'application/json',
  'application/problem+json',
  'application/xml',
  'image/svg+xml',
  'text/css',
  'text/html',
  'text/javascript',
  'text/plain',
  'text/xml',
];

/** Fewest bytes that the proxy takes (Envoy 1.40, `CommonDirectionConfig.min_content_length`). */
const LEAST = 30;
const MOST = 2 ** 20;
const KIBIBYTE = 1024;

const OPTIONS: Readonly<Record<keyof CompressionOptions, true>> = { from: true, types: true };

const TYPES = { ...LIST, example: "['application/json']" };

const TYPE = /^[a-z]+\/[a-z0-9.+-]+$/;

/**
 * Answers are compressed with gzip for clients that take it (RFC 9110, section 12.5.3), unless the service did so.
 * An answer that holds a secret beside what the client sent gives the secret away by its length (CVE-2013-3587): pages
 * with such tokens are no case for it.
 */
export class Compression implements Checked {
  private constructor(
    /** As facts. */
    readonly facts: CompressionFacts,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** With gzip, which all clients know. */
  static gzip(options: CompressionOptions = {}): Compression {
    const said = membersOf(options);
    const [from, types] = [quantityOf(said.from), soundOf(said.types, LIST) ?? COMPRESSED_TYPES];
    const minBytes = from === undefined ? KIBIBYTE : parseQuantity(from);
    const strange = types.filter((type) => !TYPE.test(type));
    return new Compression({ minBytes, types }, [
      ...problemsOfOptions('compression', options, OPTIONS, '{ from: Size.kibibytes(4) }'),
      ...problemsOfKind('compression.from', said.from, SIZE),
      ...problemsOfKind('compression.types', said.types, TYPES),
      ...problemOfInteger('compression.from (bytes)', minBytes, LEAST, MOST),
      ...strange.map(notAType),
    ]);
  }
}

function notAType(type: string): Problem {
  return {
    code: 'bad-content-type',
    message: `${printed(type)} is no type of content.`,
    field: 'compression.types',
    got: printed(type),
    allowed: 'a type such as application/json, in lower case, without parameters',
    fix: 'Correct it.',
  };
}
