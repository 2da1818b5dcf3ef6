import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Version of the kit, from its own package.json, which lies one folder above both the sources and what is built. */
export const VERSION = (
  JSON.parse(readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8')) as { readonly version: string }
).version;
