import type { Finding, Problem } from './finding';
import { withoutSecrets } from './secrecy';

/** Colours for a terminal. */
export interface Paint {
  error(text: string): string;
  warning(text: string): string;
  quiet(text: string): string;
}

const PLAIN: Paint = { error: (text) => text, warning: (text) => text, quiet: (text) => text };

/** A finding as people read it: what and where, then got, allowed and fix, each on its line. */
export function findingText(finding: Finding, paint: Paint = PLAIN): string {
  const { severity, code, path, object, field, message, got, allowed, fix } = finding;
  const facts = Object.entries({ at: field, got, allowed, fix });
  return [
    `${paint[severity](`${severity} ${code}`)}  ${object === undefined ? path : `${path} → ${object}`}`,
    `  ${message}`,
    ...facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${paint.quiet(name.padEnd(8))}${value}`])),
  ].join('\n');
}

/** A finding in which no text has the form of a secret, whoever wrote it. */
export function withoutSecretTexts<P extends Problem>(problem: P): P {
  const { message, got, allowed, fix } = problem;
  const texts = Object.entries({ message, got, allowed, fix }).flatMap(([field, text]) =>
    text === undefined ? [] : [[field, withoutSecrets(text)] as const],
  );
  return { ...problem, ...Object.fromEntries(texts) };
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
