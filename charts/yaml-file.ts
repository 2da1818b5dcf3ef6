import type { Document, LineCounter, Node, Pair } from 'yaml';
import type { Layer, Located, ServiceLayer } from '../constructs/model/environment';
import type { Finding } from '../constructs/model/finding';
import { HIDDEN, saysSecret } from '../constructs/model/secrecy';
import type { Misfit } from './validate-data';

interface YamlError {
  readonly message: string;
  readonly offset: number;
}

/** The plain data of a document, or what is wrong with it; aliases are resolved only now, and may lead nowhere. */
function dataOf(document: Document): { readonly data: unknown; readonly errors: readonly YamlError[] } {
  const errors = document.errors.map(({ message, pos }) => ({ message, offset: pos[0] }));
  if (errors.length > 0) return { data: {}, errors };
  try {
    return { data: document.toJS() ?? {}, errors };
  } catch (error) {
    return { data: {}, errors: [{ message: (error as Error).message, offset: 0 }] };
  }
}

/** Every document of a text, with its place. A text that cannot be parsed has none, and a problem. */
export function parseDocuments(
  name: string,
  text: string,
): { readonly documents: readonly Located[]; readonly problem?: Finding } {
  const yaml = require('yaml') as typeof import('yaml');
  const lines = new yaml.LineCounter();
  const parsed = [...yaml.parseAllDocuments(text, { lineCounter: lines })];
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  for (const { errors } of parsed as readonly Document[]) {
    const [first] = errors;
    if (first === undefined) continue;
    const problem: Finding = {
      code: 'malformed-environment',
      severity: 'error',
      path: place(first.pos[0]),
      message: 'The file is no YAML.',
      got: first.message.split('\n')[0] ?? '',
      allowed: 'documents of YAML 1.2',
      fix: 'Correct the line.',
    };
    return { documents: [], problem };
  }
  const documents = (parsed as readonly Document[]).map((document) => ({
    value: document.toJS() as unknown,
    at: place(document.contents?.range?.[0] ?? 0),
  }));
  return { documents: documents.filter(({ value }) => value !== null && value !== undefined) };
}

type Path = readonly (string | number)[];

/** A YAML file whose every value knows its line and column. */
export class YamlFile {
  readonly data: unknown;
  readonly syntaxErrors: readonly Finding[];
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(
    private readonly name: string,
    text: string,
  ) {
    const yaml = require('yaml') as typeof import('yaml');
    this.#lines = new yaml.LineCounter();
    this.#document = yaml.parseDocument(text, { lineCounter: this.#lines });
    const { data, errors } = dataOf(this.#document);
    this.data = data;
    this.syntaxErrors = errors.map(({ message, offset }) => ({
      code: 'malformed-environment',
      severity: 'error',
      path: this.#place(offset),
      message: 'The file is no YAML of one document.',
      got: message.split('\n')[0] ?? '',
      allowed: 'one document of YAML 1.2',
      fix: 'Correct the line.',
    }));
  }

  /** Position of a value, or of its key. */
  at(at: Path, atKey = false): string {
    const { isMap, isScalar } = require('yaml') as typeof import('yaml');
    const parent = this.#document.getIn(at.slice(0, -1), true);
    const last = at.at(-1);
    const pair = isMap(parent)
      ? parent.items.find((item: Pair) => isScalar(item.key) && item.key.value === last)
      : undefined;
    const node =
      atKey && pair !== undefined ? (pair.key as Node) : (this.#document.getIn(at, true) as Node | undefined);
    return this.#place((node ?? this.#document.contents)?.range?.[0] ?? 0);
  }

  finding({ path: at, atKey, got, allowed }: Misfit): Finding {
    return {
      code: 'bad-environment',
      severity: 'error',
      path: this.at(at, atKey),
      message: 'The file says something that cannot be.',
      field: at.join('.'),
      got: saysSecret(String(at.at(-1) ?? '')) && !atKey ? HIDDEN : got,
      allowed,
      fix: 'Correct the value; the schema for editors is ashlar/environment.schema.json.',
    };
  }

  /** The layer that stands at a path. */
  layer(name: Layer['name'], at: Path): Layer {
    const services = this.#entries([...at, 'services']).map(([service]): [string, ServiceLayer] => [
      service,
      {
        at: this.at([...at, 'services', service], true),
        settings: this.#located([...at, 'services', service, 'settings']),
        config: this.#located([...at, 'services', service, 'config']),
      },
    ]);
    return {
      name,
      settings: this.#located([...at, 'settings']),
      config: this.#located([...at, 'config']),
      services: Object.fromEntries(services),
    };
  }

  #located(at: Path): Readonly<Record<string, Located>> {
    return Object.fromEntries(this.#entries(at).map(([key, value]) => [key, { value, at: this.at([...at, key]) }]));
  }

  #entries(at: Path): readonly [string, unknown][] {
    const value = at.reduce<unknown>((data, key) => (data as Record<string, unknown> | undefined)?.[key], this.data);
    return typeof value === 'object' && value !== null ? Object.entries(value) : [];
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.name}:${line}:${col}`;
  }
}
