/**
 * Finds what type declarations leave out (whole numbers, bounds, patterns, lengths) by asking the precompiled
 * validators that lie beside them: each field gets values that any limit would refuse, and the refusals name the
 * limits. This reads the same packages as the types do, so the two never differ in version.
 */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import type { Limits } from '../encoding';
import type { Place } from './places';
import { isRawObject, type RawTables, type RawType } from '../raw';

interface Refusal {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Validate {
  (value: unknown): boolean;
  readonly errors?: readonly Refusal[] | null;
}

/** Formats that are checked; the others describe what types say already, or what the server does not check. */
const FORMATS = new Set(['date-time', 'ipv4', 'ipv6', 'cidr', 'uuid', 'byte', 'date']);
const HUGE = 2 ** 52;
/** Longer than any limit there is, and of a character that patterns refuse at once: some would search for minutes. */
const LONG = '\u0001'.repeat(20_000);
/** More than any limit on elements there is; the validators take quadratic time. */
const MANY = 300;

/** Changes the definitions at the given places: puts the limits in that their validators know. */
export function addLimits(places: readonly Place[], tables: RawTables): void {
  for (const place of places) {
    const definitions = tables.get(place.table)!;
    const validate = validatorOf(place);
    if (validate !== undefined)
      definitions.set(
        place.name,
        new Probe(validate).limited(definitions.get(place.name)!, (value) => value, ''),
      );
  }
}

/** The validator that a declaration file's exported name leads to. */
function validatorOf({ file }: Place): Validate | undefined {
  const parts = file.split(path.sep);
  const depth = parts[parts.lastIndexOf('node_modules') + 1]!.startsWith('@') ? 3 : 2;
  const folder = path.join(parts.slice(0, parts.lastIndexOf('node_modules') + depth).join(path.sep), '_schemas');
  const code = fs.readFileSync(file.replace(/\.d\.ts$/, '.js'), 'utf8');
  const named = /_schemas\/([\w]+)\.js/.exec(code)?.[1] ?? /as I(\w+),/.exec(fs.readFileSync(file, 'utf8'))?.[1];
  const schema = path.join(folder, `${named}.js`);
  if (!fs.existsSync(schema)) return undefined;
  return (createRequire(file)(schema) as { readonly validate: Validate }).validate;
}

class Probe {
  constructor(private readonly validate: Validate) {}

  /** `type` with its limits. `wrap` puts a value at the place of the type in an object that the validator takes. */
  limited(type: RawType, wrap: (value: unknown) => unknown, pointer: string): RawType {
    if (type === 'n') return this.number(wrap, pointer);
    if (type === 's') return this.textType(wrap, pointer);
    if (typeof type === 'string') return type;
    if (isRawObject(type)) {
      const f = Object.fromEntries(
        Object.entries(type.f).map(([name, field]) => [
          name,
          this.limited(field, (value) => wrap({ [name]: value }), `${pointer}/${name}`),
        ]),
      );
      return { ...type, f };
    }
    if (type[0] === '[]') {
      const list = ['[]', this.limited(type[1], (value) => wrap([value]), `${pointer}/0`)] as const;
      return narrowed(list, this.size(wrap, pointer, [], new Array(MANY).fill(null), 'Items'));
    }
    if (type[0] === '{}') {
      const map = ['{}', this.limited(type[1], (value) => wrap({ k: value }), `${pointer}/k`)] as const;
      return narrowed(
        map,
        this.size(
          wrap,
          pointer,
          {},
          Object.fromEntries(Array.from({ length: MANY }, (_, i) => [`k${i}`, null])),
          'Properties',
        ),
      );
    }
    return type;
  }

  private refusals(value: unknown, pointer: string): readonly Refusal[] {
    this.validate(value);
    return (this.validate.errors ?? []).filter((refusal) => refusal.instancePath === pointer);
  }

  private number(wrap: (value: unknown) => unknown, pointer: string): RawType {
    const fraction = this.refusals(wrap(0.5), pointer);
    const huge = [...this.refusals(wrap(HUGE), pointer), ...this.refusals(wrap(-HUGE), pointer)];
    const whole = fraction.some((refusal) => refusal.keyword === 'type');
    const small = huge.some((refusal) => refusal.keyword === 'format' && refusal.params['format'] === 'int32');
    const limits: Record<string, unknown> = {};
    for (const { keyword, params } of huge) {
      // The limits of unsigned formats are repeated by the type; only narrower ones are kept.
      if (keyword === 'minimum' || keyword === 'maximum') limits[keyword] = params['limit'];
    }
    return narrowed(!whole ? 'n' : small ? 'i' : 'l', limits);
  }

  private textType(wrap: (value: unknown) => unknown, pointer: string): RawType {
    const { format, ...limits } = this.text(wrap, pointer);
    if (format === 'byte') return narrowed('y', limits);
    return narrowed('s', format === undefined ? limits : { ...limits, format });
  }

  private text(wrap: (value: unknown) => unknown, pointer: string): Limits {
    const limits: Record<string, unknown> = {};
    for (const value of ['', LONG]) {
      for (const { keyword, params } of this.refusals(wrap(value), pointer)) {
        if (keyword === 'pattern') limits['pattern'] = params['pattern'];
        if (keyword === 'minLength' || keyword === 'maxLength') limits[keyword] = params['limit'];
        if (keyword === 'format' && FORMATS.has(params['format'] as string)) limits['format'] = params['format'];
      }
    }
    return limits;
  }

  private size(wrap: (value: unknown) => unknown, pointer: string, few: unknown, many: unknown, unit: string): Limits {
    const limits: Record<string, unknown> = {};
    for (const value of [few, many]) {
      for (const { keyword, params } of this.refusals(wrap(value), pointer)) {
        if (keyword === `min${unit}`) limits['minLength'] = params['limit'];
        if (keyword === `max${unit}`) limits['maxLength'] = params['limit'];
      }
    }
    return limits;
  }
}

function narrowed(type: RawType, limits: Limits): RawType {
  return Object.keys(limits).length === 0 ? type : ['&', type, limits];
}
