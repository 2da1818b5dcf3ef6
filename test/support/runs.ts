/**
 * How often a property is tried, and from which seed: the same each time, so that a red build is about its change.
 * `PROPERTY_SEED=7 PROPERTY_RUNS=2000 npx jest test/properties` looks further.
 */
export const RUNS = {
  numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60),
  seed: Number(process.env['PROPERTY_SEED'] ?? 20260101),
};
