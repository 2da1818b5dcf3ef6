import { setFlagsFromString } from 'node:v8';

/**
 * How V8 is set up for a process that makes one plan and ends; beside each flag, what holds before it is set.
 *
 * - What a program describes stays until the end; most of what is made after that dies at once. V8 takes the first for a
 *   reason to give young objects ever more room, which then only costs memory (100 MB with 1,000 services) and time: a
 *   small room stays in the processor's caches.
 * - What V8's last and dearest compiler makes comes too late to pay for itself: it took a quarter of all CPU time, and
 *   10,000 services are no slower without it.
 * - A small room is cleared sooner than a second thread has woken up to help.
 * - Functions that ran once stay compiled, so that they are in what `start.ts` keeps for the next run.
 */
const FLAGS: readonly (readonly [set: string, before: string])[] = [
  ['--semi-space-growth-factor=1', '--semi-space-growth-factor=2'],
  ['--no-opt', '--opt'],
  ['--no-flush-bytecode', '--flush-bytecode'],
  ['--no-parallel-scavenge', '--parallel-scavenge'],
];

/** To be called once everything is loaded: V8 throws away what was kept compiled where its flags differ. */
export function setUpForOnePlan(): void {
  for (const [flag] of FLAGS) setFlagsFromString(flag);
}

/** As V8 was before; what is compiled now fits a process that starts. */
export function asAtStart(): void {
  for (const [, flag] of FLAGS) setFlagsFromString(flag);
}
