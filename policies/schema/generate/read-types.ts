/**
 * Reads the type declarations of one family of `kubernetes-models` into stored types. Only the syntax is read, never
 * resolved by a checker: the declarations are generated and very regular (one interface a file, references by
 * import), which makes this a second of work instead of minutes.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';
import type { Choice } from '../encoding';
import { locate, resolveImport, type Place } from './places';
import type { RawObject, RawTables, RawType } from '../raw';

/** Types whose declaration says less than is known about them. */
const KNOWN: Readonly<Record<string, RawType>> = {
  'meta_v1/Quantity': 'q',
  'meta_v1/IntOrString': 'x',
  'meta_v1/Time': 't',
  'meta_v1/MicroTime': 't',
  'meta_v1/RawExtension': 'o',
  'meta_v1/FieldsV1': 'o',
  'meta_v1/Patch': 'o',
  'apiextensions.k8s.io_v1/JSON': 'a',
  'apiextensions.k8s.io_v1/JSONSchemaPropsOrArray': 'a',
  'apiextensions.k8s.io_v1/JSONSchemaPropsOrBool': 'a',
  'apiextensions.k8s.io_v1/JSONSchemaPropsOrStringArray': 'a',
};

/** Collects definitions by table. */
export class TypeReader {
  readonly defs: RawTables = new Map();
  private place: Place = { table: '', name: '', file: '' };
  private imports = new Map<string, Place>();

  /** Reads one declaration file, and nothing if it was read before. */
  read(place: Place): RawType {
    const known = this.table(place.table).get(place.name);
    if (known !== undefined) return known;
    const outer = { place: this.place, imports: this.imports };
    this.place = place;
    const source = ts.createSourceFile(place.file, fs.readFileSync(place.file, 'utf8'), ts.ScriptTarget.Latest, false);
    this.imports = importsOf(source, place);
    const result = this.declaration(source);
    this.table(place.table).set(place.name, result);
    this.place = outer.place;
    this.imports = outer.imports;
    return result;
  }

  private declaration(source: ts.SourceFile): RawType {
    const known = KNOWN[`${this.place.table}/${this.place.name}`];
    if (known !== undefined) return known;
    for (const statement of source.statements) {
      if (ts.isInterfaceDeclaration(statement)) return this.interface(statement);
      if (ts.isTypeAliasDeclaration(statement)) return this.type(statement.type);
    }
    throw new Error(`${this.place.file}: expected an interface or a type alias, got neither`);
  }

  private interface(node: ts.InterfaceDeclaration): RawType {
    const own = this.object(node.members);
    const bases = (node.heritageClauses ?? [])
      .flatMap((clause) => clause.types)
      .flatMap((base) => {
        const name = (base.expression as ts.Identifier).text;
        const place = this.imports.get(name);
        return place === undefined ? [] : [this.inherited(place)];
      });
    if (bases.length === 0) return Object.keys(own.f).length === 0 ? 'o' : own;
    const required = [...bases.flatMap((base) => base.r ?? []), ...(own.r ?? [])];
    return {
      f: Object.assign({}, ...bases.map((base) => base.f), own.f) as RawObject['f'],
      ...(required.length > 0 ? { r: [...new Set(required)] } : {}),
    };
  }

  /** The base's fields, with references that hold in the table of the heir. */
  private inherited(place: Place): RawObject {
    const base = this.read(place) as RawObject;
    if (place.table === this.place.table) return base;
    const qualify = (type: RawType): RawType =>
      JSON.parse(JSON.stringify(type).replace(/"@([^/"]+)"/g, `"@${place.table}/$1"`)) as RawType;
    return { ...base, f: Object.fromEntries(Object.entries(base.f).map(([name, type]) => [name, qualify(type)])) };
  }

  private object(members: readonly ts.TypeElement[]): { f: Record<string, RawType>; r?: string[] } {
    const f: Record<string, RawType> = {};
    const r: string[] = [];
    for (const member of members) {
      if (!ts.isPropertySignature(member) || member.type === undefined) continue;
      const name = (member.name as ts.StringLiteral).text;
      f[name] = this.type(member.type);
      if (member.questionToken === undefined) r.push(name);
    }
    return r.length > 0 ? { f, r } : { f };
  }

  private type(node: ts.TypeNode): RawType {
    if (node.kind === ts.SyntaxKind.StringKeyword) return 's';
    if (node.kind === ts.SyntaxKind.NumberKeyword) return 'n';
    if (node.kind === ts.SyntaxKind.BooleanKeyword) return 'b';
    if (ts.isParenthesizedTypeNode(node)) return this.type(node.type);
    if (ts.isLiteralTypeNode(node)) return ['|', literal(node)];
    if (ts.isTypeLiteralNode(node)) return this.literalObject(node);
    if (ts.isUnionTypeNode(node)) return unionOf(node);
    if (ts.isIntersectionTypeNode(node)) return this.intersection(node);
    if (ts.isTypeReferenceNode(node)) return this.reference(node);
    throw new Error(`${this.place.file}: no rule for a type of syntax ${ts.SyntaxKind[node.kind]}`);
  }

  private literalObject(node: ts.TypeLiteralNode): RawType {
    const index = node.members.find(ts.isIndexSignatureDeclaration);
    if (index !== undefined) return ['{}', this.type(index.type)];
    if (node.members.length === 0) return 'o';
    return this.object(node.members);
  }

  /**
   * A base object together with unions of itself is how "one of these fields" was written down. The members differ
   * from the base only in what they require, so the base with those sets says the same in a fraction of the size.
   */
  private intersection(node: ts.IntersectionTypeNode): RawType {
    const base = node.types.find(ts.isTypeLiteralNode);
    if (base === undefined) throw new Error(`${this.place.file}: intersection without a base object`);
    const own = this.object(base.members);
    const choices = node.types.flatMap((type) => choicesOf(type, new Set(own.r)));
    return { ...own, c: choices };
  }

  private reference(node: ts.TypeReferenceNode): RawType {
    const name = (node.typeName as ts.Identifier).text;
    if (name === 'Array') return ['[]', this.type(node.typeArguments![0]!)];
    const place = this.imports.get(name) ?? this.place;
    const known = KNOWN[`${place.table}/${place.name}`];
    if (known !== undefined) return known;
    return place.table === this.place.table ? `@${place.name}` : `@${place.table}/${place.name}`;
  }

  private table(name: string): Map<string, RawType> {
    let table = this.defs.get(name);
    if (table === undefined) this.defs.set(name, (table = new Map<string, RawType>()));
    return table;
  }
}

function literal(node: ts.LiteralTypeNode): string | number {
  if (ts.isStringLiteral(node.literal)) return node.literal.text;
  return Number((node.literal as ts.NumericLiteral).text);
}

function unionOf(node: ts.UnionTypeNode): RawType {
  if (node.types.every(ts.isLiteralTypeNode)) return ['|', ...node.types.map(literal)];
  return 'x';
}

function choicesOf(node: ts.TypeNode, required: ReadonlySet<string>): Choice[] {
  if (ts.isParenthesizedTypeNode(node)) return choicesOf(node.type, required);
  if (ts.isIntersectionTypeNode(node)) return node.types.flatMap((type) => choicesOf(type, required));
  if (!ts.isUnionTypeNode(node)) return [];
  const members = node.types.filter(ts.isTypeLiteralNode);
  const sets = members.map((member) =>
    member.members
      .filter(ts.isPropertySignature)
      .filter((field) => field.questionToken === undefined)
      .map((field) => (field.name as ts.StringLiteral).text)
      .filter((name) => !required.has(name)),
  );
  return [[members.length === node.types.length ? 1 : 0, ...sets]];
}

function importsOf(source: ts.SourceFile, place: Place): Map<string, Place> {
  const result = new Map<string, Place>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const from = (statement.moduleSpecifier as ts.StringLiteral).text;
    const file = resolveImport(from, path.dirname(place.file));
    const names = statement.importClause?.namedBindings;
    if (file === undefined || names === undefined || !ts.isNamedImports(names)) continue;
    for (const name of names.elements) result.set(name.name.text, locate(file));
  }
  return result;
}
