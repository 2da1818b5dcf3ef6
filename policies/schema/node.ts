/**
 * Schemas as the interpreter walks them: a stored table turned into nodes for one target version. A definition is
 * turned when it is first met, because an object meets few of them.
 */
import type { Choice, KindCode, Limits, ObjectCode, Since, TableCode, TypeCode } from './encoding';

/** What a node accepts. Numbers, because the interpreter switches on them for every value. */
export const Op = {
  Pending: 0,
  String: 1,
  Boolean: 2,
  Int32: 3,
  Int64: 4,
  Number: 5,
  IntOrString: 6,
  Quantity: 7,
  Time: 8,
  Bytes: 9,
  OpenObject: 10,
  Anything: 11,
  List: 12,
  Map: 13,
  Enum: 14,
  Object: 15,
  Limited: 16,
  Nothing: 17,
} as const;

const LEAVES: Readonly<Record<string, number>> = {
  s: Op.String,
  b: Op.Boolean,
  i: Op.Int32,
  l: Op.Int64,
  n: Op.Number,
  x: Op.IntOrString,
  q: Op.Quantity,
  t: Op.Time,
  y: Op.Bytes,
  o: Op.OpenObject,
  a: Op.Anything,
};

/** A node. All nodes have all fields, in the same order: that keeps the walk fast. */
export interface SchemaNode {
  op: number;
  /** Elements of a list, values of a map, what the limits of a limited type hold for, fields that are not listed. */
  item: SchemaNode;
  fields: ReadonlyMap<string, SchemaNode>;
  required: readonly string[];
  choices: readonly Choice[];
  values: ReadonlySet<unknown>;
  limits: Limits;
  pattern: RegExp | undefined;
  /** Fields that the target version does not keep. */
  newer: ReadonlyMap<string, Since>;
  /** Turns a pending node into what it stands for; does nothing on any other. */
  ready: () => void;
}

const NONE: readonly never[] = [];
const NO_FIELDS: ReadonlyMap<string, never> = new Map<string, never>();
const NO_VALUES: ReadonlySet<unknown> = new Set();
const NO_LIMITS: Limits = {};
const done = (): void => undefined;

function blank(op: number, item: SchemaNode): SchemaNode {
  return {
    op,
    item,
    fields: NO_FIELDS,
    required: NONE,
    choices: NONE,
    values: NO_VALUES,
    limits: NO_LIMITS,
    pattern: undefined,
    newer: NO_FIELDS,
    ready: done,
  };
}

/** Accepts no value: what fields that are not listed must be where none are allowed. */
export const NOTHING: SchemaNode = blank(Op.Nothing, undefined as unknown as SchemaNode);
NOTHING.item = NOTHING;

function node(op: number): SchemaNode {
  return blank(op, NOTHING);
}

/** Where tables come from: the files, and definitions that a user adds. */
export interface TableSource {
  /** Table by name; `undefined` where there is none. */
  table(name: string): TableCode | undefined;
}

/** Nodes of all tables for one target version, made when first asked for. */
export class NodeStore {
  private readonly definitions = new Map<string, SchemaNode>();
  private readonly leaves = new Map<string, SchemaNode>();

  /** @param minor Target minor version of Kubernetes, as 34 for 1.34. */
  constructor(
    private readonly source: TableSource,
    private readonly minor: number,
  ) {}

  /** The kind's entry in a table; `undefined` where the table has no such kind. */
  kind(table: string, kind: string): KindCode | undefined {
    const kinds = this.source.table(table)?.kinds;
    return kinds !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  }

  /** Node of a definition. Throws where a table refers to what is not there: then the tables are broken. */
  definition(table: string, name: string): SchemaNode {
    const key = `${table}/${name}`;
    const known = this.definitions.get(key);
    if (known !== undefined) return known;
    const made = node(Op.Pending);
    this.definitions.set(key, made);
    made.ready = () => {
      const code = this.source.table(table)?.defs[name];
      if (code === undefined) throw new Error(`schema tables hold no definition ${key}: build them again`);
      if (typeof code === 'string' || Array.isArray(code)) become(made, this.type(code as TypeCode, table));
      else this.object(made, code as ObjectCode, table);
    };
    return made;
  }

  private object(made: SchemaNode, code: ObjectCode, table: string): void {
    const fields = new Map<string, SchemaNode>();
    const newer = new Map<string, Since>();
    for (const [name, type] of Object.entries(code.f)) {
      const since = code.v !== undefined && Object.hasOwn(code.v, name) ? code.v[name] : undefined;
      if (since !== undefined && since[0] > this.minor) newer.set(name, since);
      else fields.set(name, this.type(type, table));
    }
    made.newer = newer;
    made.fields = fields;
    made.required = code.r ?? NONE;
    made.choices = code.c ?? NONE;
    made.item = code.x === undefined ? NOTHING : this.type(code.x, table);
    made.ready = done;
    made.op = Op.Object;
  }

  private type(code: TypeCode, table: string): SchemaNode {
    if (typeof code === 'string') return code.startsWith('@') ? this.reference(code.slice(1), table) : this.leaf(code);
    const key = code[0];
    if (key === '|') return enumeration(code.slice(1));
    if (key === '&') return this.limited(code[1], code[2], table);
    const made = node(key === '[]' ? Op.List : Op.Map);
    made.item = this.type(code[1], table);
    return made;
  }

  private reference(target: string, table: string): SchemaNode {
    const cut = target.indexOf('/');
    return cut < 0 ? this.definition(table, target) : this.definition(target.slice(0, cut), target.slice(cut + 1));
  }

  private leaf(code: string): SchemaNode {
    let leaf = this.leaves.get(code);
    if (leaf === undefined) {
      const op = LEAVES[code];
      if (op === undefined) throw new Error(`schema tables hold an unknown type ${code}: build them again`);
      this.leaves.set(code, (leaf = node(op)));
    }
    return leaf;
  }

  private limited(code: TypeCode, limits: Limits, table: string): SchemaNode {
    const made = node(Op.Limited);
    made.item = this.type(code, table);
    made.limits = limits;
    if (limits.pattern !== undefined) made.pattern = compilePattern(limits.pattern);
    return made;
  }
}

function enumeration(values: readonly unknown[]): SchemaNode {
  const made = node(Op.Enum);
  made.values = new Set(values);
  return made;
}

function become(made: SchemaNode, other: SchemaNode): void {
  other.ready();
  Object.assign(made, other);
}

/** A pattern as the server reads it (RE2); what JavaScript cannot compile is left to the server. */
function compilePattern(pattern: string): RegExp | undefined {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(pattern.replace(/^\(\?s\)/, ''), flags);
    } catch {
      // Tried again without the strictness of unicode mode, then given up.
    }
  }
  return undefined;
}
