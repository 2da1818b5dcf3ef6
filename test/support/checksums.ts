import { createHash } from 'node:crypto';
import { planToYaml } from 'ashlar/charts';
import fc from 'fast-check';
import { randomPlatform } from './random-platform';
import { randomPlan } from './random-program';

/** A checksum of the YAML of each of some platforms, which are the same in every process. */
export function checksums(): readonly string[] {
  return fc.sample(randomPlatform, { seed: 20260101, numRuns: 20 }).map((data) => {
    return createHash('sha256')
      .update(planToYaml(randomPlan(data)))
      .digest('hex');
  });
}
