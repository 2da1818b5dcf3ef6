/**
 * Grammars that the API server applies to text: quantities, names, labels, addresses. Each is a small function that
 * answers yes or no, and at once where it can remember, because all of them run on every object.
 *
 * Source: k8s.io/apimachinery v0.36.3 `pkg/api/resource/quantity.go` and `pkg/util/validation/validation.go`.
 */

/** How many texts each grammar remembers; a platform uses the same few labels, names and quantities everywhere. */
const REMEMBERED = 4096;

/** `test`, which answers at once for texts that it found right before. */
export function remembering(test: (text: string) => boolean): (text: string) => boolean {
  const right = new Set<string>();
  return (text) => {
    if (right.has(text)) return true;
    if (!test(text)) return false;
    if (right.size < REMEMBERED) right.add(text);
    return true;
  };
}

const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;
const SCALES: ReadonlyMap<string, number> = new Map([
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
]);

const amounts = new Map<string, number>();

/** What the quantity `text` amounts to; `undefined` for what is none. */
function amountOf(text: string): number | undefined {
  const known = amounts.get(text);
  if (known !== undefined) return known;
  const [, digits, suffix = ''] = QUANTITY.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const scale = SCALES.get(suffix);
  const amount = scale === undefined ? Number(text) : Number(digits) * scale;
  if (amounts.size < REMEMBERED) amounts.set(text, amount);
  return amount;
}

/** Whether `text` is a quantity such as `100m`, `1.5Gi` or `2e3`: a signed decimal with at most one suffix. */
export function isQuantity(text: string): boolean {
  return amountOf(text) !== undefined;
}

/** What a quantity amounts to, exact to about 15 digits; `undefined` for what is no quantity. */
export function quantityValue(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? amountOf(value) : undefined;
}

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** DNS label of RFC 1123: at most 63 of `a-z`, `0-9` and `-`, no dash at the ends. */
export const isDnsLabel: (text: string) => boolean = remembering((text) => text.length <= 63 && LABEL.test(text));

/** DNS label of RFC 1035: as `isDnsLabel`, and begins with a letter. */
export function isDns1035Label(text: string): boolean {
  return text.length <= 63 && LABEL_1035.test(text);
}

/** DNS name of RFC 1123: labels joined by dots, at most 253 characters. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && SUBDOMAIN.test(text);
}

/** Value of a label: empty, or at most 63 of `A-Za-z0-9`, `-`, `_` and `.`, letter or digit at the ends. */
export const isLabelValue: (text: string) => boolean = remembering(
  (text) => text === '' || (text.length <= 63 && QUALIFIED.test(text)),
);

/** Key of a label or annotation: a name as in `isLabelValue`, not empty, with a DNS name and a slash before it or not. */
export const isQualifiedName: (text: string) => boolean = remembering((text) => {
  const slash = text.indexOf('/');
  const name = slash < 0 ? text : text.slice(slash + 1);
  return (
    name.length > 0 && name.length <= 63 && QUALIFIED.test(name) && (slash < 0 || isDnsSubdomain(text.slice(0, slash)))
  );
});

const SERVICE_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Name of a container port: at most 15 of `a-z`, `0-9` and single dashes, at least one letter (IANA service name). */
export const isPortName: (text: string) => boolean = remembering(
  (text) => text.length <= 15 && SERVICE_NAME.test(text) && /[a-z]/.test(text),
);

/** Path segment name, as role and binding names are: anything but `.`, `..`, `/` and `%`. */
export function isPathSegment(text: string): boolean {
  return text !== '' && text !== '.' && text !== '..' && !/[/%]/.test(text);
}

/** Key of a ConfigMap or Secret: at most 253 of `A-Za-z0-9`, `-`, `_` and `.`, neither `.` nor starting with `..`. */
export function isConfigKey(text: string): boolean {
  return text.length <= 253 && /^[-._a-zA-Z0-9]+$/.test(text) && text !== '.' && !text.startsWith('..');
}

const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);

/** IPv4 address in four decimal parts, without leading zeros. */
export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** Bytes of an address, 4 or 16; `undefined` for what is no address. An address with a zone is none. */
export function addressBytes(text: string): readonly number[] | undefined {
  if (isIpv4(text)) return text.split('.').map(Number);
  const [left = '', right, ...more] = text.split('::');
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':') || more.length > 0) return undefined;
  const head = groups(left);
  const tail = groups(right ?? '');
  if (head === undefined || tail === undefined) return undefined;
  return joined(head, tail, right !== undefined);
}

/** The 16 bytes of both sides, with the zeros that `::` leaves out; `undefined` where they are not 16. */
function joined(head: readonly number[], tail: readonly number[], shortened: boolean): readonly number[] | undefined {
  const missing = 16 - head.length - tail.length;
  if (shortened ? missing < 2 : missing !== 0) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Bytes of one side of an IPv6 address; the last group may be an IPv4 address. */
function groups(side: string): number[] | undefined {
  if (side === '') return [];
  const bytes: number[] = [];
  const parts = side.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && isIpv4(part)) bytes.push(...part.split('.').map(Number));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) bytes.push(parseInt(part, 16) >> 8, parseInt(part, 16) & 255);
    else return undefined;
  }
  return bytes;
}

/** A block of addresses: the first bytes and how many bits of them count. */
export interface Block {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** Block that `text` writes as `address/bits`; `undefined` for what is none. */
export function parseCidr(text: string): Block | undefined {
  const slash = text.indexOf('/');
  const bytes = slash < 0 ? undefined : addressBytes(text.slice(0, slash));
  const size = text.slice(slash + 1);
  if (bytes === undefined || !/^(0|[1-9]\d{0,2})$/.test(size) || Number(size) > bytes.length * 8) return undefined;
  return { bytes, bits: Number(size) };
}

/** Whether every address of `inner` lies in `outer`. */
export function blockContains(outer: Block, inner: Block): boolean {
  if (outer.bytes.length !== inner.bytes.length || outer.bits > inner.bits) return false;
  return outer.bytes.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, outer.bits - index * 8));
    return byte >> (8 - bits) === (inner.bytes[index] ?? 0) >> (8 - bits);
  });
}

/** Whether a block is written with an address other than its first, which a server of 1.36 takes for a mistake. */
export function hasHostBits({ bytes, bits }: Block): boolean {
  return bytes.some((byte, index) => (byte & (255 >> Math.min(8, Math.max(0, bits - index * 8)))) !== 0);
}

/** Point in time of RFC 3339, as `2026-01-31T12:00:00Z`. */
export function isDateTime(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
  );
}

/** Base64 with padding, as `data` of a Secret must be. Empty text is empty data. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
