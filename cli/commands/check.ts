import { makePlan } from '../../charts/synthesize';
import { isDeployable } from '../../constructs/model/plan';
import { chosenEnvironments } from '../environments';
import { parseInputs } from '../inputs';
import { loadProgram } from '../load-program';
import { countFindings, printAccepted, printFinding, unusedAcceptances } from '../print-findings';
import { say, styled } from '../terminal';

/** What `ashlar check` is told. */
export interface CheckOptions {
  readonly env: readonly string[];
  readonly input: readonly string[];
}

/** Prints the findings of each environment, and what was accepted. Exit code 1 where there is an error. */
export function check(programFile: string, options: CheckOptions): number {
  const inputs = parseInputs(options.input);
  const program = loadProgram(programFile);
  const plans = chosenEnvironments(program, options.env).map((environment) =>
    makePlan(program.definition, environment, { inputs }),
  );
  for (const { environment, findings, accepted } of plans) {
    say(`${styled('bold', environment.name)}: ${countFindings(findings, accepted.length)}`);
    for (const finding of findings) say(`\n${printFinding(finding)}`);
    for (const one of accepted) say(`\n${printAccepted(one)}`);
    if (findings.length + accepted.length > 0) say();
  }
  const everyEnvironment = options.env.length === 0;
  for (const finding of everyEnvironment ? unusedAcceptances(plans) : []) say(printFinding(finding));
  return plans.every(isDeployable) ? 0 : 1;
}
