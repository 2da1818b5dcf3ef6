/** The part of JSON Schema (draft 2020-12) in which environment files and back-end options are described. */
export interface JsonSchema {
  /** What the value is. @defaultValue anything */
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  /** One sentence for editors. Findings repeat it under what is allowed. */
  readonly description?: string;
  /** The texts that are admitted: `['port', 'none']`. @defaultValue all */
  readonly enum?: readonly string[];
  /** Fields of an object by name, each with its own schema. */
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  /** Fields that must be there. @defaultValue none */
  readonly required?: readonly string[];
  /** What fields may be that `properties` does not name; `false`: there may be none. @defaultValue true */
  readonly additionalProperties?: JsonSchema | boolean;
  /** What each item of an array may be. @defaultValue anything */
  readonly items?: JsonSchema;
  /** Least number that is admitted. @defaultValue no bound */
  readonly minimum?: number;
  /** Greatest number that is admitted. @defaultValue no bound */
  readonly maximum?: number;
  /** Fewest items of an array. @defaultValue 0 */
  readonly minItems?: number;
  /** Regular expression that a text must match, with the flag `u`. Without `^` and `$` it may match a part. */
  readonly pattern?: string;
  /** Shown by editors only. Ashlar fills in nothing. */
  readonly default?: unknown;
}
