import type { Finding } from '../constructs/model/finding';

/** A finding as people read it: what and where, then got, allowed and fix, each on its line. */
export function findingText({ severity, code, path, object, field, message, got, allowed, fix }: Finding): string {
  const facts = Object.entries({ at: field, got, allowed, fix });
  return [
    `${severity} ${code}  ${object === undefined ? path : `${path} → ${object}`}`,
    `  ${message}`,
    ...facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(8)}${value}`])),
  ].join('\n');
}

/** One line a finding: enough to tell which, and steady when the words of a message change. */
export function findingLine({ severity, code, path, object, field }: Finding): string {
  return [
    severity,
    code,
    'at',
    path,
    ...(object === undefined ? [] : [object]),
    ...(field === undefined ? [] : [field]),
  ].join(' ');
}
