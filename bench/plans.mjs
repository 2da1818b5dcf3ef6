import { makePlan, plainEnvironment } from '../dist/charts.js';

const ROUNDS = 9;

/** An environment with nothing but a tier, two zones and some back ends. */
export function environmentOf(tier, backEnds) {
  const chosen = Object.entries(backEnds).map(([need, choice]) => [need, { options: {}, at: 'bench', ...choice }]);
  return { ...plainEnvironment(tier, tier), zones: ['a', 'b'], backEnds: Object.fromEntries(chosen) };
}

/**
 * Milliseconds of the plan of each definition in its environment, and its objects: the best of some rounds, in turn, since
 * other work makes a program slower, never faster.
 */
export function planned(...cases) {
  const found = cases.map(() => ({ ms: Infinity, objects: 0 }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { definition, environment }] of cases.entries()) {
      const start = process.cpuUsage();
      const { length } = makePlan(definition, environment, { today: '2026-01-01' }).objects;
      found[index] = { ms: Math.min(found[index].ms, cpuSince(start)), objects: length };
    }
  }
  return found.map(({ ms, objects }) => ({ ms, objects, perObject: ms / objects }));
}

/** Prints what a plan took. */
export function print(what, { ms, objects, perObject }) {
  console.log(`${what}: ${ms.toFixed(0)} ms, ${objects} objects, ${(perObject * 1000).toFixed(0)} us each`);
}

function cpuSince(start) {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
