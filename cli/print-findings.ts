import { isError, type Finding } from '../constructs/model/finding';
import { findingText } from '../constructs/model/finding-text';
import type { AcceptedFinding, Plan } from '../constructs/model/plan';
import type { Acceptance } from '../constructs/model/records';
import { CHANGE_CODES } from '../policies/changes';
import { styled } from './terminal';

/** A finding as people read it, in colours where the stream is a terminal. */
export function printFinding(finding: Finding, stream: NodeJS.WriteStream = process.stdout): string {
  return findingText(finding, {
    error: (text) => styled('red', text, stream),
    warning: (text) => styled('yellow', text, stream),
    quiet: (text) => styled('dim', text, stream),
  });
}

/** A finding that was accepted. */
export function printAccepted({ finding, acceptance }: AcceptedFinding): string {
  const until = acceptance.until === undefined ? '' : ` until ${acceptance.until}`;
  return `${styled('dim', `accepted ${finding.code}`)}  ${finding.path}\n  ${acceptance.reason}${until} (${acceptance.source.at})`;
}

/** Acceptances that no environment needs, as findings. What only a change finds, `synth` alone can tell. */
export function unusedAcceptances(plans: readonly Plan[]): readonly Finding[] {
  const [first, ...others] = plans;
  const unused = (first?.unused ?? []).filter((acceptance) =>
    others.every((plan) => plan.unused.some((one) => isSame(one, acceptance))),
  );
  return unused
    .filter(({ code }) => !CHANGE_CODES.includes(code))
    .map(({ path, code, reason, source }) => ({
      code: 'acceptance-unused',
      severity: 'warning',
      path,
      message: `Nothing is found under ${code} in any environment.`,
      field: `accept(${code})`,
      got: `${reason} (${source.at})`,
      allowed: 'acceptances of findings that exist',
      fix: 'Remove the acceptance.',
    }));
}

function isSame(one: Acceptance, other: Acceptance): boolean {
  return one.path === other.path && one.code === other.code && one.reason === other.reason;
}

/** `2 errors, 1 warning, 1 accepted`, or `none`. */
export function countFindings(findings: readonly Finding[], accepted: number): string {
  const errors = findings.filter(isError).length;
  const warnings = findings.length - errors;
  const parts = [plural(errors, 'error'), plural(warnings, 'warning'), accepted > 0 ? `${accepted} accepted` : ''];
  return parts.filter((part) => part !== '').join(', ') || 'none';
}

function plural(count: number, word: string): string {
  return count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`;
}
