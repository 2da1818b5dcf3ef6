/** What a name that nobody knows may have been meant for: the nearest known one first, then all. */
export function suggestion(name: string, known: readonly string[]): string {
  const { closest } = require('fastest-levenshtein') as typeof import('fastest-levenshtein');
  const nearest = known.length === 0 ? undefined : closest(name, [...known]);
  return nearest === undefined ? 'nothing' : `did you mean ${nearest}? Known: ${known.join(', ')}`;
}
