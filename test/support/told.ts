import type { Plan } from 'ashlar';

/** What was told, in short: code, construct below the context, field, and what was got. */
export function toldBy(plan: Plan): readonly string[] {
  return plan.findings.map(
    ({ code, path, field = '', got = '' }) => `${code} ${path.split('/').at(-1)} ${field}: ${got}`,
  );
}
