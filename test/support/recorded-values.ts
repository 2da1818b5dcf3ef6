/** By which the SDK marks values on the wire (`@pulumi/pulumi` 3, runtime/rpc). */
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET_MARK = '1b47061264138c4ac30d75fd1eb44270';
const OUTPUT_MARK = 'd0e6a833031e9bbcd3f4e8bde6ca49a4';

/** What is not known yet, on the wire. */
export const UNKNOWN_ON_WIRE = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** What stands for a value that is not known yet. */
export const UNKNOWN = 'UNKNOWN';

/** A secret as recordings show it. */
export const SECRET = (value: unknown): object => ({ secret: value });

/** Data from the wire, its marks made readable. */
export function shownSecrets(value: unknown): unknown {
  if (value === UNKNOWN_ON_WIRE) return UNKNOWN;
  if (Array.isArray(value)) return value.map(shownSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  if (fields[SIGNATURE] === SECRET_MARK) return SECRET(shownSecrets(fields['value']));
  if (fields[SIGNATURE] === OUTPUT_MARK) {
    const inner = 'value' in fields ? shownSecrets(fields['value']) : UNKNOWN;
    return fields['secret'] === true ? SECRET(inner) : inner;
  }
  return Object.fromEntries(Object.entries(fields).map(([key, item]) => [key, shownSecrets(item)]));
}

/** A secret as it goes over the wire. */
export function secretOnWire(value: unknown): object {
  return { [SIGNATURE]: SECRET_MARK, value };
}
