import type { Finding } from './finding';
import { withoutSecretTexts } from './finding-text';
import { byText } from './order';
import type { AcceptedFinding, Plan } from './plan';
import type { Acceptance } from './records';

/** Findings as they are shown. */
export interface Settled {
  readonly findings: readonly Finding[];
  readonly accepted: readonly AcceptedFinding[];
  /** Acceptances of what is not found here; it may be found in another environment. */
  readonly unused: readonly Acceptance[];
}

/**
 * Sorts findings, drops doubles, and sets those apart that were accepted. An acceptance that has ended is a finding of
 * its own, so that the list of exceptions stays true.
 * @param final - findings that nobody can accept: what the program wanted to say there is in no plan
 */
export function settle(
  findings: readonly Finding[],
  acceptances: readonly Acceptance[],
  today: string,
  final: readonly Finding[] = [],
): Settled {
  const open: Finding[] = [...final];
  const accepted: AcceptedFinding[] = [];
  const refused = acceptances.filter((acceptance) => final.some((finding) => covers(acceptance, finding)));
  const used = new Set(refused);
  for (const finding of sorted(findings)) {
    const matches = acceptances.filter((acceptance) => covers(acceptance, finding));
    const match = matches.find((acceptance) => !hasEnded(acceptance, today)) ?? matches[0];
    if (match !== undefined) used.add(match);
    if (match !== undefined && !hasEnded(match, today)) accepted.push({ finding, acceptance: match });
    else open.push(finding);
  }
  const ended = [...used].filter((acceptance) => hasEnded(acceptance, today)).map(endedFinding);
  return {
    findings: sorted([...open, ...ended, ...refused.map(refusedFinding)]),
    accepted,
    unused: acceptances.filter((acceptance) => !used.has(acceptance)),
  };
}

/** A plan with findings that came later, settled by what its program accepts. */
export function withFindings(plan: Plan, findings: readonly Finding[], today: string): Plan {
  if (findings.length === 0) return plan;
  const acceptances = [...plan.unused, ...new Set(plan.accepted.map(({ acceptance }) => acceptance))];
  const later = settle(findings, acceptances, today);
  return {
    ...plan,
    findings: sorted([...plan.findings, ...later.findings]),
    accepted: [...plan.accepted, ...later.accepted],
    unused: plan.unused.filter((acceptance) => later.unused.includes(acceptance)),
  };
}

function covers(acceptance: Acceptance, finding: Finding): boolean {
  if (acceptance.code !== finding.code) return false;
  return finding.path === acceptance.path || finding.path.startsWith(`${acceptance.path}/`);
}

function hasEnded({ until }: Acceptance, today: string): boolean {
  return until !== undefined && until < today;
}

function endedFinding({ code, path, reason, source, until = '' }: Acceptance): Finding {
  return {
    code: 'acceptance-ended',
    severity: 'warning',
    path,
    field: `accept(${code})`,
    message: `The acceptance of ${code} ended on ${until}.`,
    got: `${reason} (${source.at})`,
    allowed: 'a day that has not passed',
    fix: 'Mend the finding, or accept it again with a new day.',
  };
}

function refusedFinding({ code, path, reason, source }: Acceptance): Finding {
  return {
    code: 'acceptance-refused',
    severity: 'error',
    path,
    field: `accept(${code})`,
    message: `${code} cannot be accepted: what the program wanted to say there is in no plan.`,
    got: `${reason} (${source.at})`,
    allowed: 'findings of rules, policies and checks',
    fix: 'Correct what the finding names, and leave the acceptance out.',
  };
}

function sorted(findings: readonly Finding[]): readonly Finding[] {
  const keyed = new Map(findings.map((finding) => [keyOf(finding), withoutSecretTexts(finding)]));
  return [...keyed].sort(([a], [b]) => byText(a, b)).map(([, finding]) => finding);
}

function keyOf(finding: Finding): string {
  const { path, code, object = '', field = '', got = '', message } = finding;
  return [path, code, object, field, got, message].join('\n');
}
