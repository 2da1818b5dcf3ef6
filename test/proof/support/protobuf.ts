/**
 * As much of the wire format of Protocol Buffers ("Encoding", protobuf.dev) as stand-ins of Envoy's services need: fields
 * with a length, and whole numbers.
 */

/** A message as its fields by number, each as often as it came. */
export type Fields = ReadonlyMap<number, readonly (Buffer | number)[]>;

/** Reads a message. */
export function readMessage(bytes: Buffer): Fields {
  const fields = new Map<number, (Buffer | number)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const skip = (length: number): Buffer => bytes.subarray(at, (at += length));
  while (at < bytes.length) {
    const tag = varint();
    const values = fields.get(tag >>> 3) ?? [];
    fields.set(tag >>> 3, values);
    values.push(readValue(tag & 7, varint, skip));
  }
  return fields;
}

function readValue(wire: number, varint: () => number, skip: (length: number) => Buffer): Buffer | number {
  if (wire === 0) return varint();
  if (wire === 2) return skip(varint());
  return skip(wire === 1 ? 8 : 4);
}

/** The messages in a field. */
export function messagesIn(fields: Fields, number: number): readonly Fields[] {
  return (fields.get(number) ?? []).map((value) => readMessage(value as Buffer));
}

/** The text in a field; empty where there is none. */
export function textIn(fields: Fields | undefined, number: number): string {
  return fields?.get(number)?.[0]?.toString() ?? '';
}

/** Writes a message from its fields: a number, a text, or a message written before. */
export function writeMessage(
  ...fields: readonly (readonly [number: number, value: number | string | Buffer])[]
): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varintOf(number * 8), varintOf(value)];
      const bytes = Buffer.from(value as string);
      return [varintOf(number * 8 + 2), varintOf(bytes.length), bytes];
    }),
  );
}

function varintOf(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
