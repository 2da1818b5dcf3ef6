import { keysInTemplate } from './derive/config/formats';
import type { FileFacts } from './derive/config/facts';
import type { Problem } from './model/finding';

/** A whole file, made of the keys of a configuration. */
export class ConfigFile {
  private constructor(
    /** The file as facts. */
    readonly facts: FileFacts,
  ) {}

  /** JSON, indented. A key with points is a member of members: `server.port`. */
  static json(): ConfigFile {
    return new ConfigFile({ format: 'json' });
  }

  /** YAML that readers of 1.1 and of 1.2 take for the same. A key with points is a member of members: `server.port`. */
  static yaml(): ConfigFile {
    return new ConfigFile({ format: 'yaml' });
  }

  /** Properties of Java, in ASCII. */
  static properties(): ConfigFile {
    return new ConfigFile({ format: 'properties' });
  }

  /** `NAME=value`, a line a key, without what shells, Docker and libraries read differently. */
  static dotenv(): ConfigFile {
    return new ConfigFile({ format: 'dotenv' });
  }

  /**
   * Any text, in which `{{LOG_LEVEL}}` stands for the value of that key: as it is where it is a text, else as JSON. What
   * has to be escaped there is up to you. A key that may be left out, and is, becomes nothing.
   */
  static template(text: string): ConfigFile {
    return new ConfigFile({ template: text });
  }
}

/** What is wrong with files, for a configuration with these keys. */
export function problemsOfFiles(
  files: Readonly<Record<string, ConfigFile>>,
  keys: readonly string[],
): readonly Problem[] {
  const entries = Object.entries(files);
  const bad = entries.filter(([, file]) => !(file instanceof ConfigFile)).map(([name]) => noFile(name));
  if (bad.length > 0) return bad;
  const templates = entries.flatMap(([name, { facts }]) => ('template' in facts ? [{ name, ...facts }] : []));
  const used = new Set(templates.flatMap(({ template }) => keysInTemplate(template)));
  const unused = templates.length < entries.length ? [] : keys.filter((key) => !used.has(key));
  return [
    ...templates.flatMap(({ name, template }) =>
      keysInTemplate(template)
        .filter((key) => !keys.includes(key))
        .map((key) => unknownKey(name, key, keys)),
    ),
    ...unused.map(unusedKey),
  ];
}

function noFile(name: string): Problem {
  return {
    code: 'bad-file',
    message: `${name} is no file of a configuration.`,
    field: `files.${name}`,
    got: 'something else',
    allowed: 'ConfigFile.yaml(), json(), properties(), dotenv(), template(text)',
    fix: 'Say what the file is made of.',
  };
}

function unknownKey(name: string, key: string, keys: readonly string[]): Problem {
  return {
    code: 'config-key-unknown',
    message: `The template ${name} names a key that the configuration does not have.`,
    field: `files.${name}`,
    got: key,
    allowed: keys.join(', ') || 'no keys',
    fix: 'Correct the name, or add the key to the schema.',
  };
}

function unusedKey(key: string): Problem {
  return {
    code: 'config-key-unused',
    severity: 'warning',
    message: `No file names ${key}, so nobody reads it.`,
    field: key,
    got: 'no placeholder',
    allowed: `{{${key}}} in one of the files`,
    fix: 'Name it in a template, or remove the key.',
  };
}
