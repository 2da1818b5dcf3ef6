/** Schema of what Ashlar keeps in a database. */
export const OWN_SCHEMA = 'ashlar';

/** An identifier, quoted (PostgreSQL 18, 4.1.1 "Identifiers and Key Words"). */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text, quoted (PostgreSQL 18, 4.1.2.1 "String Constants"); backslashes mean themselves. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Names or texts, quoted, with commas between them. */
export const list = (texts: readonly string[], quote = literal): string => texts.map(quote).join(', ');
