/**
 * Tells jest's user, last of all, what became of the proofs: how many ran, how many were skipped and why, and how long it
 * took. Says nothing of a run without proofs. Plain JavaScript, as jest does not compile its reporters.
 */
const PROOFS = 'proof';

/** `proof` (testing/cluster) writes the reason into the name of the block that it skips. */
const SKIPPED = /\(skipped: (.*)\)$/;

export default class ProofReporter {
  onRunComplete(contexts, results) {
    const displayNames = new Set([...contexts].map((context) => context.config.displayName?.name));
    if (!displayNames.has(PROOFS)) return;
    const proofs = results.testResults.filter((file) => file.displayName?.name === PROOFS);
    const tests = proofs.flatMap((file) => file.testResults);
    const count = (status) => tests.filter((test) => test.status === status).length;
    // A file that does not even load has no tests.
    const broken = proofs.filter((file) => file.testExecError || (file.failureMessage && !file.testResults.length));
    const seconds = ((Date.now() - results.startTime) / 1000).toFixed(0);
    const parts = [
      `${count('passed')} passed`,
      `${count('failed') + broken.length} failed`,
      `${count('pending')} skipped${because(tests)}`,
    ];
    // jest puts its own summary after all reporters.
    process.once('exit', () => process.stderr.write(`Proofs: ${parts.join(', ')}; ${seconds} s\n`));
  }
}

/** Each reason once, with how many tests it stopped. */
function because(tests) {
  const reasons = new Map();
  for (const test of tests.filter(({ status }) => status === 'pending')) {
    const named = test.ancestorTitles.map((title) => SKIPPED.exec(title)?.[1]).find(Boolean);
    const reason = named ?? 'by the test itself';
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  if (reasons.size === 0) return '';
  return ` (${[...reasons].map(([reason, number]) => `${number}: ${reason}`).join('; ')})`;
}
